package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.acceptance.processes.SeparateProcesses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Under load, some services in turn get two more instances of another version, of which one stays
 * alone; nothing may be lost, repeated, made up or wrong. The seed is printed, and says which
 * services; {@code -Dtributary.seed=} plays it again, and {@code -Dtributary.services=} takes
 * others. {@code -Dtributary.old=DIR} begins with an earlier version, built in a project of its
 * own; without it both versions are this one.
 */
@Order(1)
class ScaleTest {
  private static final int SERVICES = 2;
  private static final String OLD = System.getProperty("tributary.old", "");
  private final long seed = Long.getLong("tributary.seed", System.nanoTime() & 0xffff_ffffL);

  @Test
  void nothingIsLostOrRepeatedWhileServicesGrowShrinkAndAreReplaced(@TempDir Path directory) {
    String services = System.getProperty("tributary.services", drawn());
    System.out.println("scale seed=" + seed + " services=" + services);
    List<String> options =
        new ArrayList<>(
            List.of(
                "--shape",
                "separate",
                "--faults",
                "upgrade",
                "--services",
                services,
                "--rounds",
                "1",
                "--clients",
                "1"));
    if (!OLD.isEmpty()) {
      options.addAll(List.of("--old", OLD));
    }
    String output = ChaosTest.nothingIsWrongAfter(directory, seed, options.toArray(String[]::new));

    for (String service : services.split(",")) {
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

  private String drawn() {
    List<String> all = new ArrayList<>(SeparateProcesses.SERVICES);
    Collections.shuffle(all, new Random(seed));
    return String.join(",", all.subList(0, SERVICES));
  }
}
