package io.tributary.ingestion.activity;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.ingestion.activity.Figures.Counts;
import io.tributary.ingestion.activity.Figures.Ever;
import io.tributary.ingestion.activity.Figures.Item;
import io.tributary.web.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What came from a source, and what that tells. */
@RestController
@RequestMapping("/api/v1/sources")
class SourceActivityEndpoint {
  private static final int MAX_EVENTS = 100;
  private static final int MAX_OTHERS = 50;

  private final ActivityStore store;
  private final TransactionTemplate snapshot;
  private final Clock clock;

  SourceActivityEndpoint(ActivityStore store, TransactionTemplate snapshot, Clock clock) {
    this.store = store;
    this.snapshot = snapshot;
    this.clock = clock;
  }

  /**
   * What came.
   *
   * @param requests all of them, those that were refused as a whole included
   * @param retriedRequests whose header X-Retry-Count says that they were sent before
   * @param refusedRequests of which no event was taken
   * @param bytes of their bodies, inflated
   * @param received events, accepted or refused
   * @param retriedEvents of the received, those in retried requests
   */
  record CountsAnswer(
      long requests,
      long retriedRequests,
      long refusedRequests,
      long bytes,
      long received,
      long accepted,
      long refused,
      long retriedEvents) {
    static CountsAnswer from(Counts counts) {
      return new CountsAnswer(
          counts.get(Counter.REQUESTS),
          counts.get(Counter.RETRIED_REQUESTS),
          counts.get(Counter.REFUSED_REQUESTS),
          counts.get(Counter.BYTES),
          counts.received(),
          counts.get(Counter.ACCEPTED),
          counts.get(Counter.REFUSED),
          counts.get(Counter.RETRIED_EVENTS));
    }
  }

  /** What came in the hour that begins then. */
  record HourAnswer(Instant hour, CountsAnswer counts) {}

  /**
   * Events since the source was made.
   *
   * @param firstEventAt when the first was received
   * @param lastEventAt when the last was received
   */
  record EverAnswer(long accepted, long refused, Instant firstEventAt, Instant lastEventAt) {
    static EverAnswer from(Ever ever) {
      return new EverAnswer(ever.accepted(), ever.refused(), ever.first(), ever.last());
    }
  }

  /**
   * Why something was refused.
   *
   * @param quarantine of refused events, the path of the list that holds them
   */
  record RefusalAnswer(
      String code,
      long count,
      Instant firstSeenAt,
      Instant lastSeenAt,
      @Nullable String quarantine) {}

  /**
   * Accepted events of a type, tracked ones of a name.
   *
   * @param name of a tracked event, cut after 128 characters
   */
  record EventAnswer(
      String type, @Nullable String name, long count, Instant firstSeenAt, Instant lastSeenAt) {}

  /**
   * The SDK of accepted events.
   *
   * @param share of all accepted events, from 0 to 1
   */
  record LibraryAnswer(
      String name,
      String version,
      long count,
      double share,
      Instant firstSeenAt,
      Instant lastSeenAt) {}

  /**
   * How far the clocks of senders are off: milliseconds from sentAt to when the event was received,
   * negative where a clock is ahead. Each within a quarter of the truth.
   *
   * @param events accepted ones that say when they were sent
   * @param median half are below
   * @param ninetyFifth 95 of 100 aren't farther off, either way
   * @param worst the one that is off farthest
   * @param moreThanAMinuteOff how many are
   * @param withoutSentAt how many don't say when they were sent
   * @param inFuture how many say that they happened after they were sent
   */
  record ClockAnswer(
      long events,
      long median,
      long ninetyFifth,
      long worst,
      long moreThanAMinuteOff,
      long withoutSentAt,
      long inFuture) {}

  /**
   * A write key that is valid, or was seen since it was revoked.
   *
   * @param requests that came with it since {@code from}
   * @param turnedAway how many of them got a 401, since the key was revoked or the source is off
   */
  record KeyAnswer(
      String id,
      Instant createdAt,
      @Nullable Instant revokedAt,
      long requests,
      long turnedAway,
      @Nullable Instant lastUsedAt) {
    static KeyAnswer from(Figures.Key key) {
      return new KeyAnswer(
          key.id(), key.createdAt(), key.revokedAt(), key.used(), key.turnedAway(), key.lastUsed());
    }
  }

  /**
   * Something that somebody should know.
   *
   * @param severity error, warning or info
   * @param action what to do about it
   */
  record FindingAnswer(String code, String severity, String message, String action) {
    static FindingAnswer from(Finding finding) {
      return new FindingAnswer(
          finding.code(),
          finding.severity().name().toLowerCase(Locale.ROOT),
          finding.message(),
          finding.action());
    }
  }

  /**
   * What came from a source today and in the seven days before, in UTC.
   *
   * @param from when that begins
   * @param findings what that tells, the worst first
   * @param ever absent when nothing ever came
   * @param total of all hours
   * @param hours in which something came, the oldest first
   * @param refusedRequests why requests were refused as a whole
   * @param events the busiest
   * @param otherEvents accepted events that aren't among them
   * @param libraries the busiest
   * @param otherLibraries accepted events of others
   * @param withoutLibrary accepted events that name none
   */
  record ActivityAnswer(
      String sourceId,
      Instant from,
      List<FindingAnswer> findings,
      @Nullable EverAnswer ever,
      CountsAnswer total,
      List<HourAnswer> hours,
      List<RefusalAnswer> refusals,
      List<RefusalAnswer> refusedRequests,
      List<EventAnswer> events,
      long otherEvents,
      List<LibraryAnswer> libraries,
      long otherLibraries,
      long withoutLibrary,
      ClockAnswer clock,
      List<KeyAnswer> writeKeys) {}

  /**
   * What came from a source today and in the seven days before, what was refused and why, by which
   * SDKs, and what that tells; a second or two behind.
   */
  @GetMapping("/{id}/activity")
  @RequiresScope(Scopes.SOURCES_READ)
  ActivityAnswer read(Caller caller, @PathVariable String id) {
    Instant now = clock.instant();
    Optional<Figures> found =
        Objects.requireNonNull(
            snapshot.execute(status -> store.read(caller.workspaceId(), id, now)));
    return answer(
        found.orElseThrow(
            () -> Problem.notFound("There is no source " + id + " in this workspace.")),
        now);
  }

  private static ActivityAnswer answer(Figures figures, Instant now) {
    String source = figures.source().id();
    Counts total = figures.since(Instant.MIN);
    long accepted = total.get(Counter.ACCEPTED);
    long without = total.get(Counter.WITHOUT_LIBRARY);
    List<EventAnswer> events = events(figures);
    List<LibraryAnswer> libraries = libraries(figures, accepted);
    return new ActivityAnswer(
        source,
        ActivityStore.from(now),
        Doctor.findings(figures, now).stream().map(FindingAnswer::from).toList(),
        figures.ever() == null ? null : EverAnswer.from(figures.ever()),
        CountsAnswer.from(total),
        figures.hours().stream()
            .map(hour -> new HourAnswer(hour.hour(), CountsAnswer.from(hour.counts())))
            .toList(),
        refusals(
            figures.of(Kind.REASON),
            "/api/v1/quarantine?stage=collect&source=" + source + "&code="),
        refusals(figures.of(Kind.REQUEST), null),
        events,
        accepted - events.stream().mapToLong(EventAnswer::count).sum(),
        libraries,
        accepted - without - libraries.stream().mapToLong(LibraryAnswer::count).sum(),
        without,
        clock(figures.skew(), total),
        figures.keys().stream().map(KeyAnswer::from).toList());
  }

  private static List<RefusalAnswer> refusals(List<Item> items, @Nullable String quarantine) {
    return items.stream()
        .limit(MAX_OTHERS)
        .map(item ->
            new RefusalAnswer(
                item.name(),
                item.count(),
                item.first(),
                item.last(),
                quarantine == null ? null : quarantine + item.name()))
        .toList();
  }

  private static List<EventAnswer> events(Figures figures) {
    return Stream.concat(
            figures.of(Kind.TYPE).stream().map(item -> event(item.name(), null, item)),
            figures.of(Kind.TRACK).stream().map(item -> event("track", item.name(), item)))
        .sorted(Comparator.comparingLong(EventAnswer::count).reversed())
        .limit(MAX_EVENTS)
        .toList();
  }

  private static EventAnswer event(String type, @Nullable String name, Item item) {
    return new EventAnswer(type, name, item.count(), item.first(), item.last());
  }

  private static List<LibraryAnswer> libraries(Figures figures, long accepted) {
    return figures.of(Kind.LIBRARY).stream()
        .limit(MAX_OTHERS)
        .map(item ->
            new LibraryAnswer(
                item.name(),
                item.detail(),
                item.count(),
                accepted == 0 ? 0 : (double) item.count() / (double) accepted,
                item.first(),
                item.last()))
        .toList();
  }

  private static ClockAnswer clock(Skew skew, Counts total) {
    return new ClockAnswer(
        skew.total(),
        skew.median(),
        skew.ninetyFifth(),
        skew.worst(),
        total.get(Counter.CLOCK_OFF),
        total.get(Counter.WITHOUT_SENT_AT),
        total.get(Counter.IN_FUTURE));
  }
}
