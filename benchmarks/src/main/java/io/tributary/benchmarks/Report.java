package io.tributary.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All figures, each with its unit; printed as they come, and kept as JSON and as a table. */
final class Report {
  private final PrintStream out;
  private final ObjectNode json = Target.JSON.createObjectNode();
  private final List<Figure> figures = new ArrayList<>();

  private record Figure(String phase, String name, double value, String unit) {}

  Report(PrintStream out) {
    this.out = out;
  }

  /** The whole, for what isn't a figure. */
  ObjectNode json() {
    return json;
  }

  void say(String sentence) {
    out.println(sentence);
  }

  void figure(String phase, String name, double value, String unit) {
    figures.add(new Figure(phase, name, value, unit));
    out.printf("  %-44s %14s %s%n", name, text(value), unit);
  }

  void count(String phase, String name, long value, String unit) {
    figure(phase, name, (double) value, unit);
  }

  /** The percentiles of times in nanoseconds. */
  void percentiles(String phase, String name, Histogram nanos) {
    for (double percentile : new double[] {50, 90, 99, 99.9}) {
      String label = percentile == 99.9 ? "p99.9" : "p" + (int) percentile;
      figure(phase, name + " " + label, nanos.getValueAtPercentile(percentile) / 1e6, "ms");
    }
    figure(phase, name + " max", nanos.getMaxValue() / 1e6, "ms");
    count(phase, name + " measured", nanos.getTotalCount(), "times");
  }

  static String text(double value) {
    double size = Math.abs(value);
    String format =
        size >= 100 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  void write(Path file) throws IOException {
    ArrayNode list = json.putArray("figures");
    StringBuilder table = new StringBuilder(heading());
    String phase = "";
    for (Figure figure : figures) {
      ObjectNode node = list.addObject();
      node.put("phase", figure.phase()).put("name", figure.name());
      node.put("value", Math.round(figure.value() * 1e4) / 1e4).put("unit", figure.unit());
      table.append(
          "| %s | %s | %s | %s |%n"
              .formatted(
                  figure.phase().equals(phase) ? "" : figure.phase(),
                  figure.name(),
                  text(figure.value()),
                  figure.unit()));
      phase = figure.phase();
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(
        file,
        Target.JSON.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(json)
            + "\n");
    Files.writeString(beside(file), table.append(stacks()).toString());
  }

  static Path beside(Path json) {
    String name = json.toString();
    return Path.of((name.endsWith(".json") ? name.substring(0, name.length() - 5) : name) + ".md");
  }

  private String heading() {
    StringBuilder facts = new StringBuilder("# A run of ./tributary bench\n\n");
    json.path("machine")
        .properties()
        .forEach(fact ->
            facts
                .append("* ")
                .append(fact.getKey())
                .append(": ")
                .append(fact.getValue().asString())
                .append('\n'));
    return facts
        .append("\n| phase | figure | value | unit |\n| --- | --- | ---: | --- |\n")
        .toString();
  }

  private String stacks() {
    StringBuilder text = new StringBuilder();
    json.properties().stream()
        .filter(part -> part.getKey().startsWith("stacks"))
        .forEach(part -> stacks(text, part.getKey().substring("stacks".length()), part.getValue()));
    return text.toString();
  }

  private static void stacks(StringBuilder text, String when, JsonNode groups) {
    groups
        .properties()
        .forEach(group -> {
          text.append("\n## CPU of ")
              .append(group.getKey())
              .append(when)
              .append("\n\n| % | where |\n| ---: | --- |\n");
          group
              .getValue()
              .forEach(line ->
                  text.append("| ")
                      .append(text(line.path("percent").asDouble()))
                      .append(" | ")
                      .append(line.path("where").asString())
                      .append(" |\n"));
        });
  }
}
