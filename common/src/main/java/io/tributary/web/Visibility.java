package io.tributary.web;

import io.tributary.stream.PositionToken;
import io.tributary.stream.Progress;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** Lets a read wait until the events up to a position have had their effect on what it reads. */
public final class Visibility {
  /** The header that may carry the token in place of the parameter {@code position}. */
  public static final String HEADER = "X-Tributary-Position";

  private static final int MAX_WAIT = 10;
  private final Progress progress;

  /** Waits for the stages that the given progress looks at. */
  public Visibility(Progress progress) {
    this.progress = progress;
  }

  /**
   * Returns once the position is visible; does nothing without one. Ends the request with 409 when
   * it isn't visible in time.
   *
   * @param parameter the query parameter; wins over the header
   * @param wait seconds, 0 to 10; null for 5
   */
  public void await(@Nullable String parameter, @Nullable String header, @Nullable Integer wait) {
    String text = parameter != null ? parameter : header;
    Faults faults = new Faults();
    int seconds = faults.between(wait, "wait", 0, MAX_WAIT, 5);
    Optional<PositionToken> token =
        text == null ? Optional.empty() : PositionToken.parse(text.strip());
    faults.check(
        text == null || token.isPresent(),
        "position",
        "invalid_value",
        "is no position; send back, unchanged, the one from the answer of the collector");
    faults.throwIfAny();
    if (token.isPresent() && !passed(token.get(), seconds)) {
      throw Problem.conflict(
              "not_yet_visible",
              "The events up to this position are accepted, but not visible yet after "
                  + seconds
                  + " s. Ask again in a moment, or without position for what is visible now.")
          .retryAfter(Duration.ofSeconds(1));
    }
  }

  private boolean passed(PositionToken token, int seconds) {
    try {
      return progress.await(token, Duration.ofSeconds(seconds));
    } catch (KafkaException e) {
      throw Problem.unavailable(
          "kafka_unavailable",
          "Kafka can't be asked how far the events are. Ask again in a moment, or without position.",
          Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable(
          "shutting_down", "The service is stopping. Ask again.", Duration.ofSeconds(2));
    }
  }
}
