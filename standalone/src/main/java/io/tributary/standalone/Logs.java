package io.tributary.standalone;

import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.logging.LogFile;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * One log per process, set up before anything else starts. The services leave it alone: setting it
 * up again would lose what is logged meanwhile.
 */
final class Logs {

  private static final String CONFIGURATION = "classpath:logback-standalone.xml";

  private Logs() {}

  static Path file(Path data) {
    return data.resolve("logs/tributary.log");
  }

  /** Everything goes to a file; must come before anything logs. */
  static void toFile(Path data) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("logs", Map.copyOf(settings(data))));
    LoggingSystem logging = LoggingSystem.get(Logs.class.getClassLoader());
    logging.beforeInitialize();
    logging.initialize(
        new LoggingInitializationContext(environment), CONFIGURATION, LogFile.get(environment));
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
  }

  private static Map<String, String> settings(Path data) {
    return Map.of("logging.file.name", file(data).toString(), "logging.config", CONFIGURATION);
  }

  /** For commands whose answer is all they say. */
  static void off() {
    LoggingSystem logging = LoggingSystem.get(Logs.class.getClassLoader());
    logging.beforeInitialize();
    logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.OFF);
  }
}
