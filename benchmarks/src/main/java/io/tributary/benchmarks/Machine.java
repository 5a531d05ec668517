package io.tributary.benchmarks;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.node.ObjectNode;

/** Where and on what a run was made. */
final class Machine {
  private Machine() {}

  /** Notes the facts that figures depend on; the load is that of the moment. */
  static void describe(ObjectNode facts, Options options) throws IOException {
    facts.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("commit", options.commit());
    facts.put("processor", field("/proc/cpuinfo", "model name"));
    facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put("memory", field("/proc/meminfo", "MemTotal"));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    FileStore store = Files.getFileStore(options.data());
    facts.put("file system of the data", store.type());
    facts.put(
        "jvm",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
    facts.put(
        "heap of the product",
        System.getenv().getOrDefault("TRIBUTARY_HEAP", "by the machine's memory"));
    facts.put("load average before", Files.readString(Path.of("/proc/loadavg")).strip());
    facts.put("seconds", String.valueOf(options.seconds()));
    facts.put("profiles", String.valueOf(options.profiles()));
    facts.put("segments", String.valueOf(options.segments()));
  }

  private static String field(String file, String name) throws IOException {
    return Files.readString(Path.of(file))
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
