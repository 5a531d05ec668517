package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.processes.SeparateProcesses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Under load, each service in turn gets two more instances, of which one stays, and is replaced by
 * another version; nothing may be lost, repeated, made up or wrong. The seed is printed; {@code
 * -Dtributary.seed=} plays it again. {@code -Dtributary.old=DIR} begins with an earlier version,
 * built in a project of its own; without it both versions are this one.
 */
class ScaleTest {
  private static final String OLD = System.getProperty("tributary.old", "");
  private final long seed = Long.getLong("tributary.seed", System.nanoTime() & 0xffff_ffffL);

  @Test
  void nothingIsLostOrRepeatedWhileEachServiceGrowsShrinksAndIsReplaced(@TempDir Path directory) {
    System.out.println("scale seed=" + seed);
    List<String> options =
        new ArrayList<>(
            List.of(
                "--shape",
                "separate",
                "--faults",
                "scale,upgrade",
                "--rounds",
                "2",
                "--clients",
                "2"));
    if (!OLD.isEmpty()) {
      options.addAll(List.of("--old", OLD));
    }
    String output = ChaosTest.nothingIsWrongAfter(directory, seed, options.toArray(String[]::new));

    for (String service : SeparateProcesses.SERVICES) {
      String three = "(%s-\\d=[1-9]\\d*(, )?){3}".formatted(service);
      if (!service.equals("gateway")) {
        assertThat(output).containsPattern(service + ": partitions \\{" + three + "}");
      }
      if (service.equals("gateway") || service.equals("ingestion")) {
        assertThat(output).containsPattern("connections \\{" + three + "}");
      }
      assertThat(output).containsPattern("%1$s-\\d replaced by %1$s-\\d".formatted(service));
    }
  }
}
