package io.tributary.standalone;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The running services. They start back to front, so that each finds its readers waiting, and stop
 * front to back, so that what was accepted drains.
 */
final class Services implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Services.class);

  private final Deque<Running> running = new ArrayDeque<>();

  private record Running(String name, ConfigurableApplicationContext context) {}

  private Services() {}

  /**
   * Starts the units in order; when one fails, closes those that are up and passes the failure on.
   */
  static Services start(List<ServiceUnit> units, Map<String, String> settings) {
    Services services = new Services();
    Map<String, String> known = new LinkedHashMap<>(settings);
    try {
      for (ServiceUnit unit : units) {
        services.start(unit, known);
      }
      return services;
    } catch (RuntimeException e) {
      services.close();
      throw e;
    }
  }

  private void start(ServiceUnit unit, Map<String, String> known) {
    long begin = System.nanoTime();
    known.putIfAbsent(unit.portSetting(), "0");
    String[] arguments =
        known.entrySet().stream()
            .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
            .toArray(String[]::new);
    ConfigurableApplicationContext context =
        unit.application()
            .get()
            .registerShutdownHook(false) // one hook closes all, in order
            .bannerMode(Banner.Mode.OFF)
            .logStartupInfo(false)
            .run(arguments);
    running.push(new Running(unit.name(), context));
    String port = context.getEnvironment().getProperty("local.server.port", "");
    known.putIfAbsent(unit.urlSetting(), "http://127.0.0.1:" + port);
    log.info(
        "service started name={} port={} millis={}",
        unit.name(),
        port,
        (System.nanoTime() - begin) / 1_000_000);
  }

  @Override
  public void close() {
    while (!running.isEmpty()) {
      Running service = running.pop();
      try {
        service.context.close();
        log.info("service stopped name={}", service.name);
      } catch (RuntimeException e) {
        // The others must still stop; what this one couldn't finish is taken up at the next start.
        log.error("service didn't stop in order name={}", service.name, e);
      }
    }
  }
}
