package io.tributary.acceptance.processes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.processes.Monitoring.Alert;
import io.tributary.acceptance.processes.Monitoring.Panel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What Prometheus and Grafana are told fits Compose's services and the manual. That the services
 * export what alerts and panels ask for is seen in {@link ImageTest}, where they run.
 */
class MonitoringTest {

  private static final Path ROOT = ProcessesSettings.project();
  private static final Compose COMPOSE = Compose.read(ROOT.resolve("docker-compose.yml"), Map.of());
  private static final Monitoring MONITORING = Monitoring.of(ROOT);
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
  private static final Pattern LABEL = Pattern.compile("\\$labels\\.([a-z_]+)");

  @Test
  void everyAlertSaysWhatIsWrongAndHasItsEntryInTheRunbook() throws IOException {
    String manual = Files.readString(ROOT.resolve("docs/operating.md"));
    Set<String> entries =
        HEADING
            .matcher(manual.substring(manual.indexOf("## Runbook")))
            .results()
            .map(heading -> "docs/operating.md#" + anchor(heading.group(1)))
            .collect(Collectors.toSet());
    List<Alert> alerts = MONITORING.alerts();
    assertThat(alerts).hasSizeGreaterThan(5).extracting(Alert::name).doesNotHaveDuplicates();
    for (Alert alert : alerts) {
      assertThat(alert.annotations()).as(alert.name()).containsOnlyKeys("summary", "runbook");
      assertThat(String.valueOf(alert.annotations().get("summary")))
          .as(alert.name())
          .matches("[^\\n]{20,200}\\.");
      assertThat(entries)
          .as(alert.name())
          .contains(String.valueOf(alert.annotations().get("runbook")));
    }
  }

  @Test
  void anAlertNamesOnlyWhatItsExpressionTells() {
    for (Alert alert : MONITORING.alerts()) {
      Set<String> named =
          LABEL
              .matcher(String.valueOf(alert.annotations().get("summary")))
              .results()
              .map(label -> label.group(1))
              .collect(Collectors.toCollection(TreeSet::new));
      named.removeAll(alert.expression().grouped());
      named.removeAll(alert.expression().given());
      assertThat(named).as(alert.name()).isEmpty();
    }
  }

  @Test
  void theServicesAreAskedWhereTheyTellTheirMetrics() {
    Map<String, Object> job =
        Compose.map(Monitoring.list(MONITORING.prometheus().get("scrape_configs")).getFirst());
    Map<String, Integer> asked = new TreeMap<>();
    for (Object found : Monitoring.list(job.get("dns_sd_configs"))) {
      Map<String, Object> target = Compose.map(found);
      for (String name : Compose.texts(target.get("names"))) {
        asked.put(name, Integer.valueOf(String.valueOf(target.get("port"))));
      }
    }
    Map<String, Integer> services = new TreeMap<>();
    SeparateProcesses.SERVICES.forEach(
        name -> services.put(name, COMPOSE.service(name).healthPort()));
    assertThat(asked).isEqualTo(services);

    assertThat(job).containsEntry("metrics_path", "/actuator/prometheus");
    String token = String.valueOf(Compose.map(job.get("authorization")).get("credentials_file"));
    assertThat(COMPOSE.service("prometheus").secrets())
        .contains(Path.of(token).getFileName().toString());
    assertThat(Path.of(token).getParent()).hasToString("/run/secrets");
  }

  @Test
  void anAlertAboutAServiceNamesOneThatIsAsked() {
    Alert missing =
        MONITORING.alerts().stream()
            .filter(alert -> alert.name().equals("ServiceMissing"))
            .findFirst()
            .orElseThrow();
    for (String service : SeparateProcesses.SERVICES) {
      assertThat(missing.expression().text())
          .contains("up{service=\"" + service + "\"}", "\"service\", \"" + service + "\"");
    }
  }

  @Test
  void filesThatTheContainersAreToldToReadAreMounted() {
    ComposeService prometheus = COMPOSE.service("prometheus");
    assertThat(inProject(prometheus, option(prometheus, "--config.file="))).isRegularFile();
    assertThat(Compose.texts(MONITORING.prometheus().get("rule_files")))
        .isNotEmpty()
        .allSatisfy(file -> assertThat(inProject(prometheus, file)).isRegularFile());

    ComposeService grafana = COMPOSE.service("grafana");
    String home =
        grafana.environment().getOrDefault("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "none");
    assertThat(inProject(grafana, home)).isRegularFile();
    assertThat(Path.of(home).getParent()).hasToString(MONITORING.dashboards());
    assertThat(inProject(grafana, "/etc/grafana/provisioning/datasources")).isDirectory();
    assertThat(inProject(grafana, "/etc/grafana/provisioning/dashboards")).isDirectory();
  }

  @Test
  void everyPanelAsksPrometheus() {
    Map<String, Object> source = MONITORING.source();
    assertThat(source).containsEntry("url", "http://prometheus:9090");
    assertThat(COMPOSE.service("prometheus").healthCheck().getLast())
        .startsWith("http://127.0.0.1:9090/");
    List<Panel> panels = MONITORING.panels();
    assertThat(panels).hasSizeGreaterThan(10).extracting(Panel::title).doesNotHaveDuplicates();
    assertThat(panels)
        .allSatisfy(panel -> {
          assertThat(panel.source()).as(panel.title()).isEqualTo(source.get("uid"));
          assertThat(panel.expressions()).as(panel.title()).isNotEmpty();
          assertThat(panel.expressions()).allMatch(expression -> !expression.asked().isEmpty());
        });
  }

  @Test
  void whatNobodyExportsIsFound() {
    List<Series> exported =
        Series.exported(
            """
            # HELP sends_total Sends, "all" of them
            sends_total{service="campaign",state="sent"} 1.0
            lag 3.0
            """);
    assertThat(
            Expression.of("sum by (state) (rate(sends_total{state=\"sent\"}[5m])) / 1e9 > lag")
                .unknown(exported))
        .containsExactly(
            "label state of "
                + new Series("lag", Map.of())
                + " in sum by (state) (rate(sends_total{state=\"sent\"}[5m])) / 1e9 > lag");
    assertThat(Expression.of("max by (service) (lag)").unknown(exported)).isEmpty();
    assertThat(Expression.of("sum(sends_total{state=\"lost\"})").unknown(exported)).hasSize(1);
    assertThat(Expression.of("increase(leg[1h])").unknown(exported)).hasSize(1);
    assertThat(Expression.of("absent(up{service=\"x\"} == 1)").unknown(exported)).isEmpty();
  }

  /** As in GitHub's pages. */
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }

  private static String option(ComposeService service, String name) {
    return service.command().stream()
        .filter(word -> word.startsWith(name))
        .findFirst()
        .orElseThrow()
        .substring(name.length());
  }

  /** The file of the project that a container sees at this place. */
  private static Path inProject(ComposeService service, String place) {
    for (String volume : Compose.texts(service.source().get("volumes"))) {
      String[] parts = volume.split(":");
      if (volume.startsWith(".") && place.startsWith(parts[1] + "/")) {
        return ROOT.resolve(parts[0]).resolve(place.substring(parts[1].length() + 1)).normalize();
      }
    }
    throw new AssertionError(service.name() + " mounts nothing at " + place);
  }
}
