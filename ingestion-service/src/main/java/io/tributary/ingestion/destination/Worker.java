package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
import io.tributary.ingestion.destination.DestinationStore.Done;
import io.tributary.ingestion.destination.DestinationStore.Standing;
import io.tributary.ingestion.destination.Lanes.Tried;
import io.tributary.stream.InputRecord;
import io.tributary.stream.LogReader;
import io.tributary.stream.LogReader.Place;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Delivers for one destination, as long as that is this worker's to do: first what waits and is
 * due, then what is new in the log. What was done is noted behind each round, with the places in
 * the log; after a crash the round at hand comes again, with the same message ids.
 *
 * <p>A receiver that answers nothing is <em>down</em>: then the log waits, one message is tried now
 * and then, and no attempt counts, since it's no message's fault.
 */
final class Worker {
  /** So many wait at most; then the log waits. */
  static final int MAX_WAITING = 1_000;

  /** So many may have failed; then a person must look. */
  static final int MAX_FAILED = 10_000;

  private static final int LETTERS_AT_ONCE = 200;
  private static final int LEAST_RECORDS = 10;
  private static final int MOST_RECORDS = 500;
  private static final Duration SHORT_ROUND = Duration.ofMillis(500);
  private static final Duration LONG_ROUND = Duration.ofSeconds(2);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration WAIT = Duration.ofMillis(250);

  private final Destination claimed;
  private final Definition definition;
  private final Selection selection;
  private final LogReader log;
  private final Lanes lanes;
  private final DestinationStore store;
  private final People people;
  private final BiConsumer<String, Long> counter;
  private final Clock clock;
  private final RandomGenerator random;
  private volatile boolean stopping;
  private volatile boolean down;
  private long waiting;
  private int probes;
  private Instant nextProbe = Instant.EPOCH;
  private int records = LEAST_RECORDS;
  private List<Place> noted = List.of();
  private long looked = System.nanoTime() - LOOK_EVERY.toNanos() - 1;

  /**
   * Who does what it doesn't do itself.
   *
   * @param counter of outcomes, for metrics
   */
  record Parts(
      DestinationStore store, People people, BiConsumer<String, Long> counter, Clock clock) {}

  Worker(
      Destination claimed, Definition definition, Receiver receiver, LogReader log, Parts parts) {
    this.claimed = claimed;
    this.definition = definition;
    this.selection = new Selection(claimed.workspaceId(), claimed.id(), definition, parts.people());
    this.log = log;
    this.lanes =
        new Lanes(receiver, definition.concurrency(), definition.perSecond(), () -> this.stopping);
    this.store = parts.store();
    this.people = parts.people();
    this.counter = parts.counter();
    this.clock = parts.clock();
    this.random = RandomGenerator.getDefault();
  }

  /** Ends the work; what is on its way is noted still. From any thread. */
  void stop() {
    stopping = true;
  }

  /** Whether the receiver answers nothing at the moment. */
  boolean isDown() {
    return down;
  }

  /** Works until it's stopped or the destination isn't this worker's any more. */
  void work() throws InterruptedException {
    while (!stopping) {
      lookAround();
      boolean worked = waiting > 0 && letters();
      if (!stopping && takesRecords()) {
        // Returns soon where something waits that may become due.
        fresh();
      } else if (!worked && !stopping) {
        TimeUnit.MILLISECONDS.sleep(WAIT.toMillis());
      }
    }
  }

  /** People retry messages, and pause. */
  private void lookAround() {
    if (System.nanoTime() - looked > LOOK_EVERY.toNanos()) {
      heed(store.standing(claimed));
    }
  }

  private boolean takesRecords() {
    return waiting < MAX_WAITING && (!down || waiting == 0);
  }

  /** What came of a round of attempts. */
  private static final class Round {
    private final List<Letter> made = new ArrayList<>();
    private final List<Letter> gone = new ArrayList<>();
    private final List<Letter> changed = new ArrayList<>();
    private final long[] times = new long[Times.SIZE];
    private long delivered;
    private long refused;
    private long deferred;
    private Optional<Duration> wish = Optional.empty();
    private @Nullable String failure;
    private boolean receiverIsGone;

    long attempts() {
      return delivered + refused + deferred + (receiverIsGone ? 1 : 0);
    }

    /** Whether attempts were made, and nothing was answered that a working receiver answers. */
    boolean foundItDown() {
      return deferred > 0 && delivered + refused == 0;
    }
  }

  private void fresh() throws InterruptedException {
    long began = System.nanoTime();
    List<InputRecord> taken = log.next(records, WAIT);
    if (taken.isEmpty() && !moved()) {
      return;
    }
    Selection.Chosen chosen = selection.of(taken);
    Set<ProfileId> behind = waiting == 0 ? Set.of() : waiting(chosen.messages());
    List<Message> now =
        chosen.messages().stream().filter(each -> !behind.contains(each.profile())).toList();
    List<Message> later =
        chosen.messages().stream().filter(each -> behind.contains(each.profile())).toList();
    Round round = new Round();
    long direct = 0;
    List<Tried> tried = lanes.deliver(now);
    Instant at = clock.instant();
    note(tried, round);
    for (Tried each : tried) {
      if (each.outcome() instanceof Outcome.Delivered) {
        direct++;
      } else {
        round.made.add(after(letter(each.message(), at), each.outcome(), round, at));
      }
    }
    later.forEach(message -> round.made.add(letter(message, at)));
    end(
        new Done(
            log.places(),
            log.lag(),
            chosen.received(),
            chosen.filtered(),
            direct,
            round.made,
            List.of(),
            List.of(),
            List.of(),
            round.attempts(),
            round.times,
            round.failure,
            stopped(round)),
        round,
        at);
    noted = log.places();
    adapt(Duration.ofNanos(System.nanoTime() - began), taken.size());
  }

  /** Markers and ghosts move the places, too; that needn't be noted each time. */
  private boolean moved() {
    return !log.places().equals(noted);
  }

  private Set<ProfileId> waiting(List<Message> messages) {
    Set<ProfileId> profiles = new HashSet<>();
    messages.forEach(message -> profiles.add(message.profile()));
    return store.waiting(claimed.id(), profiles);
  }

  private static Letter letter(Message message, Instant at) {
    return new Letter(0, message, 0, null, at, at, null, true);
  }

  /** Rounds of about a second: so little comes again after a crash, and so much is done at once. */
  private void adapt(Duration took, int taken) {
    if (took.compareTo(LONG_ROUND) > 0) {
      records = Math.max(LEAST_RECORDS, records / 2);
    } else if (took.compareTo(SHORT_ROUND) < 0 && taken == records) {
      records = Math.min(MOST_RECORDS, records * 2);
    }
  }

  /** Tries what waits and is due; false if nothing is. */
  private boolean letters() throws InterruptedException {
    Instant now = clock.instant();
    List<Letter> due;
    if (!down) {
      due = store.due(claimed.id(), now, LETTERS_AT_ONCE);
    } else if (now.isBefore(nextProbe)) {
      return false;
    } else {
      due = store.first(claimed.id()).map(List::of).orElse(List.of());
    }
    if (due.isEmpty()) {
      return false;
    }
    Set<ProfileId> blocked = blocked(due);
    List<Letter> dropped = new ArrayList<>();
    Map<Message, Letter> letters = new HashMap<>();
    List<Message> messages = new ArrayList<>();
    for (Letter each : due) {
      Message message = each.message();
      boolean erasure = message.type().equals("profile.erased");
      if (!erasure && (blocked.contains(message.profile()) || blocked.contains(message.home()))) {
        dropped.add(each);
      } else {
        letters.put(message, each);
        messages.add(message);
      }
    }
    List<Tried> tried = lanes.deliver(messages);
    Instant at = clock.instant();
    Round round = new Round();
    note(tried, round);
    for (Tried each : tried) {
      Letter letter = letters.get(each.message());
      if (letter != null && each.outcome() instanceof Outcome.Delivered) {
        round.gone.add(letter);
      } else if (letter != null && !(each.outcome() instanceof Outcome.Untried)) {
        round.changed.add(after(letter, each.outcome(), round, at));
      }
    }
    end(
        new Done(
            List.of(),
            log.lag(),
            0,
            0,
            0,
            List.of(),
            round.gone,
            dropped,
            round.changed,
            round.attempts(),
            round.times,
            round.failure,
            stopped(round)),
        round,
        at);
    return true;
  }

  private Set<ProfileId> blocked(List<Letter> letters) {
    Set<ProfileId> profiles = new HashSet<>();
    for (Letter each : letters) {
      profiles.add(each.message().profile());
      profiles.add(each.message().home());
    }
    return people.blocked(claimed.workspaceId(), profiles);
  }

  private void note(List<Tried> tried, Round round) {
    for (Tried each : tried) {
      switch (each.outcome()) {
        case Outcome.Delivered _ -> {
          round.delivered++;
          round.times[Times.step(each.took())]++;
        }
        case Outcome.Refused(String reason) -> {
          round.refused++;
          round.times[Times.step(each.took())]++;
          round.failure = reason;
        }
        case Outcome.Deferred(String reason, Optional<Duration> wish) -> {
          round.deferred++;
          round.failure = reason;
          if (wish.isPresent()) {
            round.wish = wish;
          }
        }
        case Outcome.Gone _ -> {
          round.receiverIsGone = true;
          round.failure = "status_410";
        }
        case Outcome.Untried _ -> {
          // Nothing to note.
        }
      }
    }
  }

  /** The letter after an attempt that failed, or after none. */
  private Letter after(Letter letter, Outcome outcome, Round round, Instant at) {
    return switch (outcome) {
      case Outcome.Refused(String reason) ->
          new Letter(
              letter.id(),
              letter.message(),
              letter.attempts() + 1,
              reason,
              letter.madeAt(),
              at,
              at,
              false);
      case Outcome.Deferred(String reason, Optional<Duration> wish) ->
          deferred(letter, reason, wish, round, at);
      case Outcome.Delivered _, Outcome.Gone _, Outcome.Untried _ -> letter;
    };
  }

  private Letter deferred(
      Letter letter, String reason, Optional<Duration> wish, Round round, Instant at) {
    // While the receiver is down it's no fault of the letter's.
    int attempts = letter.attempts() + (down && round.foundItDown() ? 0 : 1);
    Optional<Duration> delay = Backoff.afterAttempt(Math.max(1, attempts), wish, random);
    boolean tooOld = !letter.madeAt().plus(definition.retryFor()).isAfter(at);
    return new Letter(
        letter.id(),
        letter.message(),
        attempts,
        reason,
        letter.madeAt(),
        at.plus(delay.orElse(Duration.ZERO)),
        at,
        delay.isPresent() && !tooOld);
  }

  private @Nullable String stopped(Round round) {
    return round.receiverIsGone ? "gone" : null;
  }

  private void end(Done done, Round round, Instant at) {
    Optional<Standing> standing = store.note(claimed, done, at);
    if (standing.isEmpty()) {
      stopping = true;
      return;
    }
    counter.accept("delivered", round.delivered);
    counter.accept("refused", round.refused);
    counter.accept("deferred", round.deferred);
    counter.accept("filtered", done.filtered());
    if (round.foundItDown()) {
      down = true;
      nextProbe = at.plus(Backoff.beforeProbe(probes++, round.wish));
    } else if (round.delivered + round.refused > 0) {
      if (down) {
        store.hasten(claimed.id(), at);
      }
      down = false;
      probes = 0;
    }
    heed(standing.get());
  }

  private void heed(Standing standing) {
    looked = System.nanoTime();
    waiting = standing.waiting();
    if (standing.state() != Destination.State.RUNNING || standing.version() != claimed.version()) {
      stopping = true;
    } else if (standing.failed() >= MAX_FAILED) {
      store.halt(claimed, "too_many_failed");
      stopping = true;
    }
  }
}
