package io.tributary.acceptance.processes;

import io.tributary.demo.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/** What Prometheus and Grafana are told, as their files below {@code deploy} say it. */
final class Monitoring {

  /**
   * An alert.
   *
   * @param annotations what a person is told
   */
  record Alert(String name, Expression expression, Map<String, Object> annotations) {}

  /**
   * A panel of the dashboard.
   *
   * @param source the id of where its data come from
   */
  record Panel(String title, String source, List<Expression> expressions) {}

  private final Path folder;

  private Monitoring(Path folder) {
    this.folder = folder;
  }

  /** That of a project. */
  static Monitoring of(Path root) {
    return new Monitoring(root.resolve("deploy"));
  }

  /** Prometheus' own file. */
  Map<String, Object> prometheus() {
    return yaml("prometheus/prometheus.yml");
  }

  List<Alert> alerts() {
    List<Alert> all = new ArrayList<>();
    for (Object group : list(yaml("prometheus/alerts.yml").get("groups"))) {
      for (Object rule : list(Compose.map(group).get("rules"))) {
        Map<String, Object> alert = Compose.map(rule);
        all.add(
            new Alert(
                String.valueOf(alert.get("alert")),
                Expression.of(String.valueOf(alert.get("expr"))),
                Compose.map(alert.get("annotations"))));
      }
    }
    return all;
  }

  List<Panel> panels() {
    List<Panel> all = new ArrayList<>();
    for (JsonNode panel : json("grafana/dashboards/tributary.json").path("panels")) {
      List<Expression> expressions = new ArrayList<>();
      panel
          .path("targets")
          .forEach(target -> expressions.add(Expression.of(target.path("expr").asString(""))));
      all.add(
          new Panel(
              panel.path("title").asString(""),
              panel.at("/datasource/uid").asString(""),
              List.copyOf(expressions)));
    }
    return all;
  }

  /** The one place from which Grafana takes data. */
  Map<String, Object> source() {
    List<?> all = list(yaml("grafana/provisioning/datasources/prometheus.yml").get("datasources"));
    return Compose.map(all.getFirst());
  }

  /** The folder of dashboards, as Grafana's container sees it. */
  String dashboards() {
    List<?> all = list(yaml("grafana/provisioning/dashboards/tributary.yml").get("providers"));
    return String.valueOf(Compose.map(Compose.map(all.getFirst()).get("options")).get("path"));
  }

  static List<?> list(@org.jspecify.annotations.Nullable Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("no list: " + value);
  }

  private Map<String, Object> yaml(String file) {
    try (var text = Files.newBufferedReader(folder.resolve(file))) {
      return Compose.map(new Yaml(new SafeConstructor(new LoaderOptions())).load(text));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  private JsonNode json(String file) {
    try {
      return Api.MAPPER.readTree(Files.readAllBytes(folder.resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }
}
