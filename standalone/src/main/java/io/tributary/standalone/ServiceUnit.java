package io.tributary.standalone;

import java.util.Locale;
import java.util.function.Supplier;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * One service of the process.
 *
 * @param name as in its settings: {@code ingestion} reads {@code TRIBUTARY_INGESTION_PORT}
 * @param application the same one that the service's own main runs
 */
record ServiceUnit(String name, Supplier<SpringApplicationBuilder> application) {

  /** The setting with the port of its HTTP server. */
  String portSetting() {
    return "TRIBUTARY_" + name.toUpperCase(Locale.ROOT) + "_PORT";
  }

  /** The setting by which others find it. */
  String urlSetting() {
    return "TRIBUTARY_" + name.toUpperCase(Locale.ROOT) + "_URL";
  }
}
