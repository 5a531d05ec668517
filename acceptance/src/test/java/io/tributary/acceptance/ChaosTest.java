package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.demo.Api;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A sample of {@code ./tributary chaos}: a few minutes of faults under load, and nothing may be
 * lost, repeated, made up or wrong. The seed is printed; {@code -Dtributary.seed=} plays it again.
 */
@Order(1)
class ChaosTest {
  private static final String MINUTES = System.getProperty("tributary.chaos.minutes", "2.3");

  /**
   * What a sample of a few minutes has time for. A restore has tests of its own (BackupTest), and a
   * stepped clock is followed by another start.
   */
  private static final String FAULTS =
      "nothing,kill-process,kill-everything,kill-during-start,freeze-process,kill-postgres,"
          + "restart-postgres,kill-backend,freeze-postgres,receivers-down,redelivery,poison,storm";

  private final long seed = Long.getLong("tributary.seed", System.nanoTime() & 0xffff_ffffL);

  @Test
  void nothingIsLostOrRepeatedWhateverBreaks(@TempDir Path directory) throws Exception {
    System.out.println("chaos seed=" + seed);
    Path json = directory.resolve("chaos.json");
    nothingIsWrongAfter(
        directory, seed, "--minutes", MINUTES, "--faults", FAULTS, "--json", json.toString());
    JsonNode figures = Api.MAPPER.readTree(Files.readAllBytes(json));
    assertThat(figures.path("seed").asLong()).isEqualTo(seed);
    assertThat(figures.at("/machine/cores").asInt()).isPositive();
    assertThat(figures.at("/shapes/0/faults/0/recoveryMax/unit").asString()).isEqualTo("s");
  }

  /** Runs chaos with these options besides, and hands back what it printed. */
  static String nothingIsWrongAfter(Path directory, long seed, String... options) {
    List<String> command = new ArrayList<>(List.of("./tributary", "chaos"));
    command.addAll(List.of("--seed", String.valueOf(seed)));
    command.addAll(List.of("--data", directory.resolve("data").toString()));
    command.addAll(List.of(options));
    Commands.Result result =
        Commands.run(
            Commands.ROOT, Duration.ofMinutes(30), Map.of("TRIBUTARY_BUILD", "off"), command);
    System.out.println(result.output());
    assertThat(result.status()).as("seed %s: %s", seed, result.output()).isZero();
    assertThat(result.output().lines().toList().getLast())
        .matches("lost=0 repeated=0 ghosts=0 mismatched=0 rounds=[1-9]\\d* events=[1-9]\\d*");
    return result.output();
  }
}
