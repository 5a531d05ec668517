package io.tributary.ingestion.destination;

import java.time.Duration;
import java.util.Optional;

/** What became of one attempt to deliver a message. Reasons are codes, never personal data. */
sealed interface Outcome {
  /** Whether what comes behind it about the same profile may go on. */
  default boolean isAnswered() {
    return switch (this) {
      case Delivered _, Refused _, Unwanted _ -> true;
      case Deferred _, Gone _, Untried _ -> false;
    };
  }

  /** The receiver has it. */
  record Delivered() implements Outcome {}

  /** The receiver doesn't want this one, now or later. */
  record Refused(String reason) implements Outcome {}

  /**
   * It isn't known to be there; another attempt may succeed.
   *
   * @param retryAfter what the receiver asks for
   * @param unreachable whether nothing would get there, whatever it says
   */
  record Deferred(String reason, Optional<Duration> retryAfter, boolean unreachable)
      implements Outcome {}

  /** Nothing is sent of it: in the receiver's shape it's nothing. */
  record Unwanted() implements Outcome {}

  /** The receiver wants nothing any more. */
  record Gone() implements Outcome {}

  /** Nobody has tried: one before it about the same profile waits, or the round was over. */
  record Untried() implements Outcome {}
}
