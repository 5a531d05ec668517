package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
import io.tributary.ingestion.destination.DestinationStore.Done;
import io.tributary.stream.LogReader.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What came of a round of attempts. */
final class Round {
  private final Instant at;
  private final boolean wasDown;
  private final Duration retryFor;
  private final RandomGenerator random;
  private final List<Letter> made = new ArrayList<>();
  private final List<Letter> gone = new ArrayList<>();
  private final List<Letter> dropped = new ArrayList<>();
  private final List<Letter> changed = new ArrayList<>();
  private final Set<ProfileId> failing = new HashSet<>();
  private final long[] times = new long[Times.SIZE];
  private long direct;
  private long unwanted;
  private long delivered;
  private long refused;
  private long deferred;
  private boolean unreachable;
  private boolean receiverIsGone;
  private Optional<Duration> wish = Optional.empty();
  private @Nullable String failure;

  /**
   * A round.
   *
   * @param at when it ended
   * @param wasDown whether the receiver was down when it began
   * @param retryFor how long a message is tried
   */
  Round(Instant at, boolean wasDown, Duration retryFor, RandomGenerator random) {
    this.at = at;
    this.wasDown = wasDown;
    this.retryFor = retryFor;
    this.random = random;
  }

  /** What became of a message that wasn't undelivered before. */
  void fresh(Lanes.Tried tried) {
    note(tried);
    if (tried.outcome() instanceof Outcome.Delivered) {
      direct++;
    } else if (tried.outcome() instanceof Outcome.Unwanted) {
      unwanted++;
    } else {
      made.add(after(letter(tried.message()), tried.outcome()));
    }
  }

  /** A message that has to wait, since others about the same profile do. */
  void behind(Message message) {
    made.add(letter(message));
  }

  /** What became of a letter. */
  void letter(Letter letter, Lanes.Tried tried) {
    note(tried);
    switch (tried.outcome()) {
      case Outcome.Delivered _ -> gone.add(letter);
      case Outcome.Unwanted _ -> dropped.add(letter);
      case Outcome.Untried _ -> {
        // It stays as it was.
      }
      case Outcome.Refused _, Outcome.Deferred _, Outcome.Gone _ ->
          changed.add(after(letter, tried.outcome()));
    }
  }

  /** A letter that may no longer be sent. */
  void withdrawn(Letter letter) {
    dropped.add(letter);
  }

  private void note(Lanes.Tried tried) {
    switch (tried.outcome()) {
      case Outcome.Delivered _ -> {
        delivered++;
        times[Times.step(tried.took())]++;
      }
      case Outcome.Refused(String reason) -> {
        refused++;
        times[Times.step(tried.took())]++;
        failure = reason;
      }
      case Outcome.Deferred(String reason, Optional<Duration> asked, boolean nothingGetsThere) -> {
        deferred++;
        failing.add(tried.message().profile());
        unreachable |= nothingGetsThere;
        failure = reason;
        if (asked.isPresent()) {
          wish = asked;
        }
      }
      case Outcome.Gone _ -> {
        receiverIsGone = true;
        failure = "status_410";
      }
      case Outcome.Untried _, Outcome.Unwanted _ -> {
        // Nothing to note.
      }
    }
  }

  private Letter letter(Message message) {
    return new Letter(0, message, 0, null, at, at, null, true);
  }

  private Letter after(Letter letter, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Refused(String reason) ->
          letter.tried(letter.attempts() + 1, reason, at, at, false);
      case Outcome.Deferred(String reason, Optional<Duration> asked, boolean nothingGetsThere) -> {
        // It's no fault of the message's where nothing is answered.
        int attempts = letter.attempts() + (wasDown || nothingGetsThere ? 0 : 1);
        Optional<Duration> delay = Backoff.afterAttempt(Math.max(1, attempts), asked, random);
        boolean tooOld = !letter.madeAt().plus(retryFor).isAfter(at);
        yield letter.tried(
            attempts,
            reason,
            at,
            at.plus(delay.orElse(Duration.ZERO)),
            delay.isPresent() && !tooOld);
      }
      case Outcome.Delivered _, Outcome.Unwanted _, Outcome.Gone _, Outcome.Untried _ -> letter;
    };
  }

  /** Whether the receiver has answered as one does that works. */
  boolean wasAnswered() {
    return delivered + refused > 0;
  }

  /** Whether nothing gets there at all. */
  boolean isUnreachable() {
    return unreachable && !wasAnswered();
  }

  /** The profiles whose messages have to wait. */
  Set<ProfileId> failing() {
    return Set.copyOf(failing);
  }

  /** What the receiver asks for. */
  Optional<Duration> wish() {
    return wish;
  }

  /** Of what wasn't undelivered before, what was nothing to the receiver. */
  long unwanted() {
    return unwanted;
  }

  long delivered() {
    return delivered;
  }

  long refused() {
    return refused;
  }

  long deferred() {
    return deferred;
  }

  /**
   * The round as it's noted.
   *
   * @param received of what wasn't undelivered before
   * @param filtered of that, what wasn't to be sent in the first place
   */
  Done done(List<Place> places, long received, long filtered) {
    return new Done(
        places,
        received,
        filtered + unwanted,
        direct,
        made,
        gone,
        dropped,
        changed,
        delivered + refused + deferred + (receiverIsGone ? 1 : 0),
        times,
        failure,
        wasDown && wasAnswered(),
        receiverIsGone ? "gone" : null);
  }
}
