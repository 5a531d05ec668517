package io.tributary.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * CPU seconds by who used them, from /proc: product, Postgres and generator as wholes, the
 * product's by groups of threads, Postgres' by the service that the connection belongs to.
 */
record Cpu(Map<String, Double> seconds) {
  private static final double TICKS = 100;

  /** As used since the processes began; subtract two to know about a span. */
  static Cpu read(Target target, Connection database) throws IOException, SQLException {
    Map<String, Double> seconds = new TreeMap<>();
    seconds.put("product", own(stat(Path.of("/proc/" + target.pid() + "/stat"))));
    seconds.put("generator", own(stat(Path.of("/proc/self/stat"))));
    double[] postmaster = stat(Path.of("/proc/" + target.postmaster() + "/stat"));
    double postgres = own(postmaster) + postmaster[2] + postmaster[3];
    Map<Long, String> services = services(database);
    for (long pid : children(target.postmaster())) {
      double used = own(stat(Path.of("/proc/" + pid + "/stat")));
      postgres += used;
      seconds.merge("postgres/" + services.getOrDefault(pid, "itself"), used, Double::sum);
    }
    seconds.put("postgres", postgres);
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + target.pid() + "/task"))) {
      for (Path thread : (Iterable<Path>) threads::iterator) {
        String name = text(thread.resolve("comm")).strip();
        seconds.merge("product/" + group(name), own(stat(thread.resolve("stat"))), Double::sum);
      }
    }
    return new Cpu(seconds);
  }

  /** What was used from the other reading to this. */
  Cpu since(Cpu before) {
    Map<String, Double> spent = new TreeMap<>();
    seconds.forEach(
        (who, used) -> spent.put(who, Math.max(0, used - before.seconds.getOrDefault(who, 0.0))));
    return new Cpu(spent);
  }

  /** Tells it by event, and in the JSON all of it. */
  void describe(Report report, String phase, double events) {
    ObjectNode node = report.json().putObject("cpu microseconds per event, " + phase);
    seconds.forEach((who, used) -> {
      double micros = used * 1e6 / events;
      if (!who.contains("/")) {
        report.figure(phase, "CPU of the " + who, micros, "µs/event");
      } else if (micros >= 0.5) {
        report.figure(phase, "  " + who, micros, "µs/event");
      }
      node.put(who, Math.round(micros * 100) / 100.0);
    });
  }

  /** Names of threads are cut after 15 letters. */
  static String group(String thread) {
    if (thread.startsWith("stage-")) {
      return "stage " + thread.substring(6).replaceAll("-.*", "");
    }
    if (thread.startsWith("kafka-producer")
        || thread.startsWith("kafka-admin")
        || thread.startsWith("kafka-coordinat")) {
      return "kafka clients";
    }
    if (thread.startsWith("C1 ") || thread.startsWith("C2 ")) {
      return "compiler";
    }
    if (thread.startsWith("VM ")) {
      return "garbage collection";
    }
    if (thread.startsWith("ForkJoin")
        || thread.startsWith("http-")
        || thread.startsWith("Catalina")
        || thread.startsWith("HttpClient")) {
      return "http";
    }
    if (thread.startsWith("data-plane")
        || thread.startsWith("group-coord")
        || thread.startsWith("transaction")
        || thread.startsWith("TxnMarker")
        || thread.startsWith("Expiration")
        || thread.startsWith("kafka-")
        || thread.startsWith("broker-")
        || thread.startsWith("share-")) {
      return "kafka broker";
    }
    return thread.startsWith("relay-") ? "relay" : "other";
  }

  /** User, system, children's user, children's system time in seconds; zeros for who has ended. */
  private static double[] stat(Path file) {
    String text = text(file);
    double[] times = new double[4];
    if (!text.isEmpty()) {
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
      for (int i = 0; i < times.length; i++) {
        times[i] = Long.parseLong(fields[11 + i]) / TICKS;
      }
    }
    return times;
  }

  private static double own(double[] stat) {
    return stat[0] + stat[1];
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // it has ended meanwhile
    }
  }

  static long[] children(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::children)
        .mapToLong(ProcessHandle::pid)
        .toArray();
  }

  private static Map<Long, String> services(Connection database) throws SQLException {
    Map<Long, String> services = new HashMap<>();
    try (Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select pid, application_name from pg_stat_activity where backend_type = 'client backend'")) {
      while (rows.next()) {
        services.put(rows.getLong(1), rows.getString(2));
      }
    }
    return services;
  }

  /** Bytes in memory that belong to the process alone or are shared with others. */
  static long resident(long pid) {
    return kilobytes(pid, "VmRSS:") * 1024;
  }

  /** Bytes of all Postgres processes; what they share counts once, as its largest part. */
  static long residentOfPostgres(long postmaster) {
    long own = kilobytes(postmaster, "RssAnon:");
    long shared = kilobytes(postmaster, "RssShmem:");
    for (long pid : children(postmaster)) {
      own += kilobytes(pid, "RssAnon:");
      shared = Math.max(shared, kilobytes(pid, "RssShmem:"));
    }
    return (own + shared) * 1024;
  }

  private static long kilobytes(long pid, String field) {
    return text(Path.of("/proc/" + pid + "/status"))
        .lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }
}
