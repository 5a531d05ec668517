package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

  @Test
  void withoutOptionsTheDefaultsHold() {
    Options options = parse("start");
    assertThat(options.data()).isEqualTo(Path.of("data").toAbsolutePath());
    assertThat(options.collectorPort()).isEqualTo(8070);
    assertThat(options.apiPort()).isEqualTo(8080);
  }

  @Test
  void anOptionWinsOverItsVariable() {
    Options options =
        Options.parse(
            new String[] {"start", "--collector-port", "1", "--data=/d"},
            Map.of("TRIBUTARY_COLLECTOR_PORT", "2", "TRIBUTARY_API_PORT", "3"));
    assertThat(options.collectorPort()).isEqualTo(1);
    assertThat(options.apiPort()).isEqualTo(3);
    assertThat(options.data()).isEqualTo(Path.of("/d"));
  }

  @Test
  void furtherVariablesWinAndABlankOneIsNotSet() {
    Options options =
        Options.parse(new String[] {"start", "--data=/d"}, Map.of("A", "1", "B", "2", "C", " "))
            .with(Map.of("B", "3"));
    assertThat(options.variable("A")).contains("1");
    assertThat(options.variable("B")).contains("3");
    assertThat(options.variable("C")).isEmpty();
    assertThat(options.data()).isEqualTo(Path.of("/d"));
  }

  @Test
  void aRestoreLosesTheLogUnlessItIsToBeKept() {
    Options lost = parse("restore", "--from", "/b", "--data", "/d");
    assertThat(lost.backup()).contains(Path.of("/b"));
    assertThat(lost.log()).isEqualTo(Options.RestoredLog.LOST);
    assertThat(parse("restore", "--keep-log", "--from=/b").log())
        .isEqualTo(Options.RestoredLog.KEPT);
    assertThat(parse("restored", "--new-log").log()).isEqualTo(Options.RestoredLog.NEW);
    assertThat(parse("backup", "--to", "/b").backup()).contains(Path.of("/b"));
  }

  @ParameterizedTest
  @CsvSource({
    "start --port 1, Unknown option --port",
    "start --api-port, --api-port needs a value",
    "start --api-port x, --api-port must be a number",
    "start --api-port 65536, --api-port must be a number",
    "begin, Unknown command begin",
    "restored --new-log --keep-log, exclude each other",
  })
  void whatCantBeMeantIsRefusedWithItsName(String line, String sentence) {
    assertThatThrownBy(() -> parse(line.split(" ")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void tlsOfThePortsIsRefusedSinceItWouldBeIgnored() {
    assertThatThrownBy(
            () -> Options.parse(new String[] {"start"}, Map.of("TRIBUTARY_TLS_HTTP", "true")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("separate processes");
  }

  private static Options parse(String... arguments) {
    return Options.parse(arguments, Map.of());
  }
}
