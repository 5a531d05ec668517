package io.tributary.acceptance.chaos;

import io.tributary.demo.DemoFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** How the pipeline is doing, as its status endpoint says. */
final class Pulse {
  private static final int CALM_LOOKS = 3;
  private static final Duration BETWEEN = Duration.ofMillis(150);

  private Pulse() {}

  /**
   * One look.
   *
   * @param lag records that each stage has yet to read
   * @param totals accepted, applied, duplicate, quarantined, erased, inFlight
   */
  record Beat(boolean healthy, Map<String, Long> lag, Map<String, Long> totals, String problems) {
    boolean isCalm() {
      return healthy
          && totals.getOrDefault("inFlight", -1L) == 0
          && lag.values().stream().allMatch(records -> records == 0);
    }
  }

  /** Looks; empty while the product doesn't answer. */
  static Optional<Beat> look(Target target) throws InterruptedException {
    try {
      JsonNode status = target.api().get("/api/v1/status");
      Map<String, Long> lag = new TreeMap<>();
      status
          .path("stages")
          .forEach(stage -> lag.put(stage.path("stage").asString(), stage.path("lag").asLong()));
      Map<String, Long> totals = new TreeMap<>();
      status
          .path("totals")
          .properties()
          .forEach(total -> totals.put(total.getKey(), total.getValue().asLong()));
      return Optional.of(
          new Beat(
              status.path("healthy").asBoolean(false),
              lag,
              totals,
              status.path("problems").toString()));
    } catch (IOException | DemoFailure e) {
      return Optional.empty();
    }
  }

  /**
   * Waits until nothing is on its way, and stays so for some looks.
   *
   * @return when it became so, in {@link System#nanoTime()}; empty when the limit came first
   */
  static Optional<Long> calm(Target target, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    long since = 0;
    for (int looks = 0; looks < CALM_LOOKS; ) {
      if (System.nanoTime() > end) {
        return Optional.empty();
      }
      Optional<Beat> beat = look(target);
      if (beat.isPresent() && beat.get().isCalm()) {
        since = looks++ == 0 ? System.nanoTime() : since;
      } else {
        looks = 0;
      }
      TimeUnit.MILLISECONDS.sleep(BETWEEN.toMillis());
    }
    return Optional.of(since);
  }
}
