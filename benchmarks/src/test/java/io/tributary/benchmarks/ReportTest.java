package io.tributary.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ReportTest {
  private final Report report =
      new Report(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

  @Test
  void everyFigureIsKeptWithItsUnitInBothForms(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("results/run.json");
    report.json().putObject("machine").put("processors", "2");
    report.figure("full speed", "events", 12_345.678, "events/s");
    Histogram times = Load.histogram();
    times.recordValue(2_000_000);
    report.percentiles("steady", "answer", times);
    Flight.Findings findings =
        new Flight.Findings(Map.of("stage x", Map.of("A.b", 3, "C.d", 1)), 1, 1, 1);
    findings.describe(report.json().putObject("stacks"));

    report.write(file);

    JsonNode json = Target.JSON.readTree(Files.readAllBytes(file));
    JsonNode first = json.path("figures").path(0);
    assertThat(first.path("value").asDouble()).isEqualTo(12_345.678);
    assertThat(first.path("unit").asString()).isEqualTo("events/s");
    assertThat(json.path("figures").size()).isEqualTo(7);
    assertThat(Files.readString(directory.resolve("results/run.md")))
        .contains("* processors: 2")
        .contains("| full speed | events | 12,346 | events/s |")
        .contains("| steady | answer p50 | 2.00 | ms |")
        .contains("| 75 | A.b |");
  }

  @Test
  void aLagThatGrowsIsTold() {
    List<Pipeline.Sample> grows = List.of(sample(0, 100), sample(1, 200), sample(2, 300));
    List<Pipeline.Sample> stays = List.of(sample(0, 100), sample(1, 900), sample(2, 100));

    assertThat(Growth.slope(grows)).isEqualTo(100);
    assertThat(Growth.slope(stays)).isZero();
  }

  @Test
  void anEventOnItsWayCountsOnce() {
    Map<String, Long> lag =
        Map.of("identity", 5L, "profile", 4L, "segment", 3L, "campaign", 9L, "campaign-events", 7L);

    assertThat(new Pipeline.Sample(0, 0, lag).behind()).isEqualTo(16);
  }

  private static Pipeline.Sample sample(double seconds, long behind) {
    return new Pipeline.Sample(seconds, 0, Map.of("identity", behind));
  }

  @Test
  void threadsAreGroupedByWhatTheyDo() {
    assertThat(Cpu.group("stage-identity-")).isEqualTo("stage identity");
    assertThat(Cpu.group("data-plane-kafk")).isEqualTo("kafka broker");
    assertThat(Cpu.group("ForkJoinPool-1-")).isEqualTo("http");
    assertThat(Flight.group("kafka-producer-network-thread | identity-tributary-identity-0-1"))
        .isEqualTo("kafka client identity-tributary-identity");
  }

  @Test
  void optionsAreCheckedAndProfilesFollowTheLength() {
    assertThat(Options.of(new String[] {"--seconds", "30"}).profiles()).isEqualTo(20_000);
    assertThat(Options.of(new String[0]).profiles()).isEqualTo(200_000);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> Options.of(new String[] {"--second", "30"}))
        .hasMessage("unknown option --second");
  }
}
