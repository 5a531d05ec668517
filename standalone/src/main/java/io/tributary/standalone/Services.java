package io.tributary.standalone;

import io.tributary.stream.AtStart;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The running services. All but the last start side by side, as their containers do; the last,
 * which asks the others, when they are up. They stop front to back, so that what was accepted
 * drains.
 */
final class Services implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Services.class);

  /** How many start at the same time: each is busy on one processor. */
  private static final int AT_ONCE = 2;

  private final Deque<Running> running = new ArrayDeque<>();

  private record Running(String name, ConfigurableApplicationContext context) {}

  private final Runnable servers;

  private Services(Runnable servers) {
    this.servers = servers;
  }

  /**
   * Starts the units, which are named back to front; when one fails, closes those that are up and
   * passes the failure on.
   */
  static Services start(List<ServiceUnit> units, Map<String, String> settings) {
    return start(units, settings, () -> {});
  }

  /**
   * The same; each service waits with its work, not with the making of its parts, until {@code
   * servers} returns, and fails with what that throws.
   */
  static Services start(List<ServiceUnit> units, Map<String, String> settings, Runnable servers) {
    Services services = new Services(servers);
    Map<String, String> known = new ConcurrentHashMap<>(settings);
    try {
      services.startSideBySide(units.subList(0, units.size() - 1), known);
      services.running.push(services.start(units.getLast(), known));
      return services;
    } catch (RuntimeException e) {
      services.close();
      throw e;
    }
  }

  private void startSideBySide(List<ServiceUnit> units, Map<String, String> known) {
    List<Future<Running>> starting = new ArrayList<>();
    try (ExecutorService starters =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofPlatform().name("start-", 0).factory())) {
      units.forEach(unit -> starting.add(starters.submit(() -> start(unit, known))));
    }
    RuntimeException failure = null;
    for (Future<Running> service : starting) {
      switch (service.state()) {
        case SUCCESS -> running.push(service.resultNow());
        case FAILED -> failure = failure == null ? failure(service.exceptionNow()) : failure;
        case CANCELLED, RUNNING -> throw new IllegalStateException("a start was left undone");
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException failure(Throwable cause) {
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  private Running start(ServiceUnit unit, Map<String, String> known) {
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
            .initializers(starting ->
                starting
                    .getBeanFactory()
                    .registerSingleton("backingServers", AtStart.await(servers)))
            .run(arguments);
    String port = context.getEnvironment().getProperty("local.server.port", "");
    known.putIfAbsent(unit.urlSetting(), "http://127.0.0.1:" + port);
    log.info(
        "service started name={} port={} millis={}",
        unit.name(),
        port,
        (System.nanoTime() - begin) / 1_000_000);
    return new Running(unit.name(), context);
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
