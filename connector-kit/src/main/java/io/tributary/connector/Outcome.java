package io.tributary.connector;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What became of a message. Codes say why, to people: 1 to 60 small letters, digits and
 * underscores, never what a message or a server said.
 */
public sealed interface Outcome {
  /** It's there for good. */
  record Delivered() implements Outcome {}

  /** In this system it's nothing, and nothing is sent. */
  record Unwanted() implements Outcome {}

  /** This one is no good, now or later. A person has to look at it; those behind it go on. */
  record Refused(String code) implements Outcome {
    /** Checks the code. */
    public Refused {
      require(code);
    }
  }

  /**
   * It may succeed later.
   *
   * @param after how long the system wants to be left alone, if it said so
   * @param unreachable whether nothing gets there now, whatever it says: then it's no fault of the
   *     message's
   */
  record Later(String code, Optional<Duration> after, boolean unreachable) implements Outcome {
    /** Checks the code. */
    public Later {
      require(code);
    }
  }

  /** Nobody has tried, since one before it has to wait: one that is {@link Later}. */
  record Untried() implements Outcome {}

  private static void require(String code) {
    if (!Codes.PATTERN.matcher(code).matches()) {
      throw new IllegalArgumentException(
          "a code has 1 to 60 small letters, digits and underscores");
    }
  }

  /** How codes are written. */
  final class Codes {
    private static final Pattern PATTERN = Pattern.compile("[a-z0-9_]{1,60}");

    private Codes() {}
  }
}
