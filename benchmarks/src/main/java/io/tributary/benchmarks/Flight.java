package io.tributary.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A flight recording of the product, made over a span: where its threads spend CPU (sampled by CPU
 * time), what they allocate, and the pauses of the garbage collector.
 */
final class Flight {
  private static final int LINES = 14;
  private final Target target;
  private final Path settings;
  private final Path file;

  Flight(Target target) throws IOException {
    this.target = target;
    this.settings = Files.createTempFile("bench", ".jfc");
    this.file = target.data().toAbsolutePath().resolve("bench.jfr");
    try (InputStream in = Flight.class.getResourceAsStream("/bench.jfc")) {
      if (in == null) {
        throw new IllegalStateException("bench.jfc isn't on the class path");
      }
      Files.write(settings, in.readAllBytes());
    }
  }

  void start() throws IOException, InterruptedException {
    jcmd("JFR.start", "name=bench", "settings=" + settings);
  }

  void stop() throws IOException, InterruptedException {
    jcmd("JFR.stop", "name=bench", "filename=" + file);
    Files.deleteIfExists(settings);
  }

  private void jcmd(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(String.valueOf(target.pid()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("jcmd " + arguments[0] + " failed: " + output);
    }
  }

  /**
   * What a recording tells.
   *
   * @param samples by group of threads and place
   * @param pausedMs time in which the garbage collector stopped everything
   * @param collections how often
   * @param allocated bytes
   */
  record Findings(
      Map<String, Map<String, Integer>> samples,
      double pausedMs,
      long collections,
      long allocated) {
    /**
     * Notes the places with the most CPU time of each group that has at least a hundredth of all.
     */
    void describe(ObjectNode json) {
      int all = samples.values().stream().flatMap(g -> g.values().stream()).mapToInt(n -> n).sum();
      samples.entrySet().stream()
          .sorted(Comparator.comparingInt(group -> -sum(group.getValue())))
          .filter(group -> sum(group.getValue()) * 100 >= all)
          .forEach(group -> {
            int own = sum(group.getValue());
            String share = Report.text(100.0 * own / all);
            ArrayNode lines =
                json.putArray(group.getKey() + " (" + share + " % of the product's samples)");
            group.getValue().entrySet().stream()
                .sorted(Comparator.comparingInt(place -> -place.getValue()))
                .limit(LINES)
                .forEach(place ->
                    lines
                        .addObject()
                        .put("percent", Math.round(1000.0 * place.getValue() / own) / 10.0)
                        .put("where", place.getKey()));
          });
    }

    private static int sum(Map<String, Integer> places) {
      return places.values().stream().mapToInt(n -> n).sum();
    }
  }

  Findings read() throws IOException {
    Map<String, Map<String, Integer>> samples = new TreeMap<>();
    double paused = 0;
    long collections = 0;
    long allocated = 0;
    long after = -1;
    try (RecordingFile recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        switch (event.getEventType().getName()) {
          case "jdk.CPUTimeSample", "jdk.ExecutionSample" -> sample(event, samples);
          case "jdk.GarbageCollection" -> {
            paused += event.getDuration("sumOfPauses").toNanos() / 1e6;
            collections++;
          }
          case "jdk.GCHeapSummary" -> {
            long used = event.getLong("heapUsed");
            if (event.getString("when").startsWith("Before")) {
              allocated += after < 0 ? 0 : Math.max(0, used - after);
            } else {
              after = used;
            }
          }
          default -> {
            // Recordings also hold events about themselves.
          }
        }
      }
    }
    return new Findings(samples, paused, collections, allocated);
  }

  private static void sample(RecordedEvent event, Map<String, Map<String, Integer>> samples) {
    RecordedThread thread =
        event.hasField("eventThread")
            ? event.getThread("eventThread")
            : event.getThread("sampledThread");
    if (event.getStackTrace() == null || thread == null) {
      return;
    }
    String name =
        thread.getJavaName() == null ? String.valueOf(thread.getOSName()) : thread.getJavaName();
    samples
        .computeIfAbsent(group(name), _ -> new HashMap<>())
        .merge(where(event.getStackTrace().getFrames()), 1, Integer::sum);
  }

  static String group(String thread) {
    if (thread.isEmpty() || thread.startsWith("tomcat-handler")) {
      return "http";
    }
    if (thread.startsWith("kafka-producer-network-thread")) {
      return thread.replaceAll(".*\\| ", "kafka client ").replaceAll("-\\d.*", "");
    }
    return Cpu.group(thread);
  }

  /** The place in our own code that is at work, and through what. */
  private static String where(List<RecordedFrame> frames) {
    String leaf = frames.isEmpty() ? "?" : library(frames.getFirst());
    for (RecordedFrame frame : frames) {
      String type = frame.getMethod().getType().getName();
      if (type.startsWith("io.tributary.")) {
        String own =
            type.substring(type.lastIndexOf('.') + 1).replaceAll("\\$\\$Lambda.*", "")
                + "."
                + frame.getMethod().getName().replaceAll("lambda\\$(\\w+)\\$\\d+", "$1");
        return leaf.equals("tributary") ? own : own + " in " + leaf;
      }
    }
    return frames.isEmpty() ? leaf : leaf + ": " + name(frames.getFirst());
  }

  private static String name(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
  }

  private static String library(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    String[] prefixes = {
      "io.tributary",
      "org.postgresql",
      "org.apache.kafka",
      "org.apache.tomcat",
      "org.apache.catalina",
      "org.apache.coyote",
      "tools.jackson",
      "org.springframework",
      "com.zaxxer",
      "com.google",
      "net.jpountz",
      "io.micrometer"
    };
    for (String prefix : prefixes) {
      if (type.startsWith(prefix)) {
        return prefix.substring(prefix.lastIndexOf('.') + 1);
      }
    }
    return type.startsWith("sun.nio") || type.startsWith("java.net") || type.contains("Socket")
        ? "network"
        : "java";
  }
}
