package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
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

/**
 * Delivers for one destination, as long as that is this worker's to do: first what waits and is
 * due, then what is new in the log. What was done is noted behind each round, with the places in
 * the log; after a crash the round at hand comes again, with the same message ids.
 *
 * <p>A receiver that answers nobody is <em>down</em>: then the log waits, some messages are tried
 * now and then, and no attempt counts, since it's no message's fault.
 */
final class Worker {
  /** So many wait at most; then the log waits. */
  private static final int MAX_WAITING = 10_000;

  /** So many may have failed; then a person must look. */
  private static final int MAX_FAILED = 10_000;

  /** So many people's messages fail, and none gets through: then it isn't the messages. */
  private static final int DOWN_FOR = 3;

  private static final int LETTERS_AT_ONCE = 200;
  private static final int LEAST_RECORDS = 4;
  private static final int ENOUGH_RECORDS = 100;
  private static final int MOST_RECORDS = 500;
  private static final Duration SHORT_ROUND = Duration.ofMillis(500);
  private static final Duration LONG_ROUND = Duration.ofSeconds(2);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration NOTE_EVERY = Duration.ofSeconds(5);
  private static final Duration WAIT = Duration.ofMillis(250);

  private final Destination claimed;
  private final Definition definition;
  private final Selection selection;
  private final LogReader log;
  private final Lanes lanes;
  private final Parts parts;
  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Set<ProfileId> failing = new HashSet<>();
  private volatile boolean stopping;
  private volatile boolean down;
  private long waiting;
  private int probes;
  private Instant nextProbe = Instant.EPOCH;
  private int records = 10;
  private Set<Place> noted;
  private long lastNote = System.nanoTime();
  private long lastLook = System.nanoTime() - LOOK_EVERY.toNanos() - 1;

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
    this.parts = parts;
    this.noted = Set.copyOf(log.places());
  }

  /** Ends the work; what is on its way is noted still. From any thread. */
  void stop() {
    stopping = true;
  }

  /** Whether the receiver answers nobody at the moment. */
  boolean isDown() {
    return down;
  }

  /** Works until it's stopped or the destination isn't this worker's any more. */
  void work() throws InterruptedException {
    while (!stopping) {
      lookAround();
      if (!(down ? probed() : worked())) {
        TimeUnit.MILLISECONDS.sleep(WAIT.toMillis());
      }
    }
  }

  private boolean worked() throws InterruptedException {
    boolean tried = waiting > 0 && letters();
    if (stopping || waiting >= MAX_WAITING) {
      return tried;
    }
    // Returns soon where nothing is new: something that waits may become due.
    fresh(records);
    return true;
  }

  /**
   * Tries whether a receiver that is down is up again: with some of what waits, and with something
   * new, since it may be up for everybody but those.
   */
  private boolean probed() throws InterruptedException {
    if (parts.clock().instant().isBefore(nextProbe)) {
      return false;
    }
    boolean tried = waiting > 0 && letters();
    if (down && !stopping && waiting < MAX_WAITING) {
      fresh(LEAST_RECORDS);
    }
    return tried;
  }

  /** People retry messages, pause, and change definitions. */
  private void lookAround() {
    if (System.nanoTime() - lastLook > LOOK_EVERY.toNanos()) {
      heed(parts.store().standing(claimed));
    }
  }

  private void fresh(int most) throws InterruptedException {
    long began = System.nanoTime();
    List<InputRecord> taken = log.next(most, WAIT);
    Selection.Chosen chosen = selection.of(taken);
    List<Place> moved = log.places().stream().filter(place -> !noted.contains(place)).toList();
    boolean concerned = chosen.received() > 0;
    if (!concerned && (moved.isEmpty() || began - lastNote < NOTE_EVERY.toNanos())) {
      return;
    }
    Set<ProfileId> behind = waiting == 0 ? Set.of() : waiting(chosen.messages());
    List<Tried> tried =
        lanes.deliver(
            chosen.messages().stream().filter(each -> !behind.contains(each.profile())).toList());
    Round round = round();
    tried.forEach(round::fresh);
    chosen.messages().stream()
        .filter(each -> behind.contains(each.profile()))
        .forEach(round::behind);
    end(round, moved, chosen);
    adapt(Duration.ofNanos(System.nanoTime() - began), taken.size());
  }

  private Set<ProfileId> waiting(List<Message> messages) {
    Set<ProfileId> profiles = new HashSet<>();
    messages.forEach(message -> profiles.add(message.profile()));
    return parts.store().letters().waiting(claimed.id(), profiles);
  }

  /** Rounds of about a second: so little comes again after a crash, and so much is done at once. */
  private void adapt(Duration took, int taken) {
    if (took.compareTo(LONG_ROUND) > 0) {
      records = Math.max(Math.clamp(lanes.most(), LEAST_RECORDS, ENOUGH_RECORDS), records / 4);
    } else if (taken == records && (took.compareTo(SHORT_ROUND) < 0 || records < lanes.most())) {
      records = Math.min(MOST_RECORDS, records * 2);
    }
  }

  /** Tries what waits and is due; false if nothing is. */
  private boolean letters() throws InterruptedException {
    List<Letter> due =
        down
            ? parts.store().letters().probes(claimed.id(), DOWN_FOR)
            : parts.store().letters().due(claimed.id(), parts.clock().instant(), LETTERS_AT_ONCE);
    if (due.isEmpty()) {
      return false;
    }
    Map<String, Message> current = selection.current(due.stream().map(Letter::message).toList());
    Map<String, Letter> letters = new HashMap<>();
    List<Message> messages = new ArrayList<>();
    List<Letter> withdrawn = new ArrayList<>();
    for (Letter each : due) {
      String id = each.message().id();
      letters.put(id, each);
      Optional.ofNullable(current.get(id))
          .ifPresentOrElse(messages::add, () -> withdrawn.add(each));
    }
    List<Tried> tried = lanes.deliver(messages);
    Round round = round();
    for (Tried each : tried) {
      Optional.ofNullable(letters.get(each.message().id()))
          .ifPresent(letter -> round.letter(letter, each));
    }
    withdrawn.forEach(round::withdrawn);
    end(round, List.of(), new Selection.Chosen(List.of(), 0, 0));
    return true;
  }

  private Round round() {
    return new Round(parts.clock().instant(), down, definition.retryFor(), random);
  }

  private void end(Round round, List<Place> moved, Selection.Chosen chosen) {
    Instant now = parts.clock().instant();
    Optional<Standing> standing =
        parts.store().note(claimed, round.done(moved, chosen.received(), chosen.filtered()), now);
    if (standing.isEmpty()) {
      stopping = true;
      return;
    }
    if (!moved.isEmpty()) {
      noted = Set.copyOf(log.places());
      lastNote = System.nanoTime();
    }
    parts.counter().accept("delivered", round.delivered());
    parts.counter().accept("refused", round.refused());
    parts.counter().accept("deferred", round.deferred());
    parts.counter().accept("filtered", chosen.filtered() + round.unwanted());
    judge(round, now);
    heed(standing.get());
  }

  private void judge(Round round, Instant now) {
    if (round.wasAnswered()) {
      failing.clear();
      down = false;
      probes = 0;
      return;
    }
    failing.addAll(round.failing());
    if (down || round.isUnreachable() || failing.size() >= DOWN_FOR) {
      down = true;
      if (round.deferred() > 0) {
        nextProbe = now.plus(Backoff.beforeProbe(probes++, round.wish()));
      }
    }
  }

  private void heed(Standing standing) {
    lastLook = System.nanoTime();
    waiting = standing.waiting();
    if (!standing.fits(claimed)) {
      stopping = true;
    } else if (standing.failed() >= MAX_FAILED) {
      parts.store().halt(claimed, "too_many_failed");
      stopping = true;
    }
  }
}
