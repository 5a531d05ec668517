package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The contract for scripts, kept by the real process. */
class StandaloneApplicationTest {

  private static final List<String> STAGES =
      List.of(
          "identity", "profile", "segment", "campaign", "campaign-events", "ingestion-quarantine");

  @TempDir Path directory;

  @Test
  void aStartIsFoundByScriptsSurvivesAKillAndStopsInTime() throws Exception {
    StandaloneProcess first = start();
    first.awaitReady();
    JsonNode connection = connection();
    assertThat(connection.path("pid").asLong()).isEqualTo(first.pid());
    assertThat(connection.path("writeKey").asString()).matches("[0-9A-Za-z]{32}");
    assertThat(connection.path("apiToken").asString()).matches("trb_[0-9A-Za-z]{40}");
    assertThat(connection.path("collectorUrl").asString()).startsWith("http://localhost:");
    assertThat(connection.path("apiUrl").asString()).startsWith("http://localhost:");
    assertThat(first.output()).doesNotContain(connection.path("apiToken").asString());
    assertThat(run("status")).isZero();

    StandaloneProcess second = start();
    assertThat(second.awaitEnd()).isEqualTo(1);
    assertThat(second.output()).contains("is in use by another process").doesNotContain("\tat ");

    first.kill();
    assertThat(run("status")).isEqualTo(1);

    StandaloneProcess again = start();
    again.awaitReady();
    assertThat(connection().path("apiToken")).isEqualTo(connection.path("apiToken"));
    // Nobody waits for those that died: of each stage, all members are gone.
    for (String group : STAGES) {
      await("the dead of " + group)
          .atMost(Duration.ofMinutes(1))
          .until(() ->
              Files.readString(directory.resolve("data/logs/tributary.log"))
                  .contains("action=forget_members group=" + group + " dead="));
    }
    long begin = System.nanoTime();
    assertThat(run("stop")).isZero();
    assertThat(again.awaitEnd()).isEqualTo(143);
    assertThat((System.nanoTime() - begin) / 1_000_000_000).isLessThan(15);
    assertThat(directory.resolve("data/connection.json")).doesNotExist();
    assertThat(directory.resolve("data/postgres/data/postmaster.pid")).doesNotExist();
  }

  @Test
  void aTakenPortIsNamedWithItsOption() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      StandaloneProcess process =
          StandaloneProcess.launch(
              directory, "start", "--api-port", "0", "--collector-port", "" + taken.getLocalPort());
      assertThat(process.awaitEnd()).isEqualTo(1);
      assertThat(process.output())
          .contains("Port " + taken.getLocalPort() + " is taken")
          .contains("--collector-port");
    }
  }

  @Test
  void aDoctorWithoutAPatientSaysHowToStartOne() throws Exception {
    StandaloneProcess process =
        StandaloneProcess.launch(directory, "doctor", "--api-port", "0", "--collector-port", "0");
    assertThat(process.awaitEnd()).isEqualTo(1);
    assertThat(process.output()).contains("WRONG  Tributary: isn't running").contains("1 problem.");
  }

  private StandaloneProcess start() throws Exception {
    return StandaloneProcess.launch(directory, "start", "--api-port", "0", "--collector-port", "0");
  }

  private int run(String command) throws Exception {
    return StandaloneProcess.launch(directory, command).awaitEnd();
  }

  private JsonNode connection() throws Exception {
    Path file = directory.resolve("data/connection.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    return JsonMapper.builder().build().readTree(Files.readString(file));
  }
}
