package io.tributary.ingestion.collect;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.access.RateLimit;
import io.tributary.access.WriteKey;
import io.tributary.access.WriteKeys;
import io.tributary.event.Topics;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Envelope;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.activity.Visit;
import io.tributary.ingestion.governance.CurrentTransformations;
import io.tributary.stream.PositionToken;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the bytes of a request to the log: whose are they, what do they hold, are they safe. */
final class Collector {
  private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
  private static final Pattern RETRIED = Pattern.compile("[1-9][0-9]{0,8}");

  private final CollectorServlet.SourceParts sources;
  private final EventLog log;
  private final Clock clock;
  private final InFlight inFlight;
  private final RateLimit rate;
  private final MeterRegistry registry;
  private final Counter accepted;
  private final Counter refused;

  Collector(
      CollectorServlet.SourceParts sources,
      EventLog log,
      Clock clock,
      CollectorSettings settings,
      MeterRegistry registry) {
    this.sources = sources;
    this.log = log;
    this.clock = clock;
    this.inFlight = new InFlight(settings.inFlightBytes());
    this.rate = new RateLimit(settings.eventsPerSecond());
    this.registry = registry;
    this.accepted = registry.counter("tributary.collector.events", "outcome", "accepted");
    this.refused = registry.counter("tributary.collector.events", "outcome", "refused");
    Gauge.builder("tributary.collector.in.flight.bytes", inFlight, InFlight::used)
        .register(registry);
  }

  /**
   * Who sent a request.
   *
   * @param ip the address, where it's known and of a person's device
   * @param curious whether the answer is to tell what became of each event
   */
  record Sender(@Nullable String ip, Visit visit, boolean curious) {
    Sender(@Nullable String ip, Visit visit) {
      this(ip, visit, false);
    }
  }

  InFlight inFlight() {
    return inFlight;
  }

  /**
   * Begins to note a request.
   *
   * @param retries what its header {@code X-Retry-Count} says: SDKs of Segment send it from the
   *     second attempt on
   */
  Visit visit(@Nullable String retries) {
    boolean retried = retries != null && RETRIED.matcher(retries).matches();
    return sources.activity().visit(clock.instant(), retried);
  }

  /** What a key stands for; ends the request for an unknown one. */
  WriteKey known(String key) throws RefusedException {
    return find(key)
        .orElseThrow(() ->
            new RefusedException(
                401, "unknown_write_key", "The write key is unknown or was revoked."));
  }

  /** What a key stands for; one of a webhook's source opens nothing where nobody signs. */
  Optional<WriteKey> find(String key) throws RefusedException {
    return any(key).filter(found -> !found.kind().equals("webhook"));
  }

  /** The source of a webhook; ends the request for any other key. */
  WriteKey webhook(String key) throws RefusedException {
    return any(key)
        .filter(found -> found.webhook() != null)
        .orElseThrow(() ->
            new RefusedException(404, "unknown_webhook", "There's no webhook at this address."));
  }

  private Optional<WriteKey> any(String key) throws RefusedException {
    try {
      Optional<WriteKey> found = sources.keys().find(key);
      if (found.isEmpty()) {
        sources.activity().unknownKey(key, clock.instant());
      }
      return found;
    } catch (WriteKeys.NotKnownYetException e) {
      throw new RefusedException(
          503, "keys_unavailable", "Write keys can't be checked just now; send the request again.");
    }
  }

  /**
   * Takes a request in.
   *
   * @param key what the header's write key stands for, if it had one; noted already
   */
  Answer collect(byte[] body, Call call, @Nullable WriteKey key, Sender sender)
      throws RefusedException {
    return switch (CollectRequest.read(body, call)) {
      case Reading.Illegible illegible ->
          Answer.refused(illegible.tooLarge() ? 413 : 400, illegible.code(), illegible.message());
      case Reading.Legible legible -> collect(legible.request(), key, sender);
    };
  }

  private Answer collect(CollectRequest request, @Nullable WriteKey key, Sender sender)
      throws RefusedException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Receipt receipt = Receipt.at(now, sender.ip());
    List<Verdict> verdicts = judge(request, key, receipt, sender.visit());
    limit(verdicts);
    Envelope envelope = request.envelope();
    List<EventLog.Entry> entries = new ArrayList<>(verdicts.size());
    for (Verdict verdict : verdicts) {
      entries.add(entry(verdict, now, sender.ip(), envelope));
    }
    try {
      PositionToken position = log.append(entries);
      sources.violations().count(verdicts, now);
      sender.visit().taken(verdicts, now);
      return Answer.success(
          position, count(verdicts), sender.curious() ? Verdict.json(verdicts) : null);
    } catch (EventLog.UnavailableException e) {
      LOG.warn("collect outcome=unavailable events={} cause={}", entries.size(), cause(e));
      throw new RefusedException(
          503, "log_unavailable", "The events couldn't be stored; send the request again.");
    }
  }

  /** A request's events are taken all or none, so the sender may repeat it as it is. */
  private void limit(List<Verdict> verdicts) throws RefusedException {
    if (!rate.isLimited()) {
      return;
    }
    Map<String, Long> counts = new HashMap<>(2);
    verdicts.forEach(verdict -> counts.merge(verdict.source().sourceId(), 1L, Long::sum));
    for (Map.Entry<String, Long> count : counts.entrySet()) {
      if (rate.take(count.getKey(), count.getValue()).isPositive()) {
        throw new RefusedException(
            429, "rate_limited", "This source sends too fast; send the request again shortly.");
      }
    }
  }

  private List<Verdict> judge(
      CollectRequest request, @Nullable WriteKey key, Receipt receipt, Visit visit)
      throws RefusedException {
    if (key != null) {
      return request.judge(source(key), receipt);
    }
    Optional<String> own = request.writeKey();
    if (own.isPresent()) {
      WriteKey found = known(own.get());
      visit.by(found);
      return request.judge(source(found), receipt);
    }
    Map<String, Source> byKey = new HashMap<>();
    for (String each : request.eventKeys()) {
      WriteKey found = known(each);
      visit.by(found);
      byKey.put(each, source(found));
    }
    if (byKey.isEmpty()) {
      known("");
    }
    return request.judge(each -> Objects.requireNonNull(byKey.get(each)), receipt);
  }

  private Source source(WriteKey key) throws RefusedException {
    boolean onDevice = key.kind().equals("web") || key.kind().equals("mobile");
    // A webhook's key opens nothing else: whatever comes by it was verified before.
    boolean signed = key.webhook() != null;
    try {
      return sources.rules().source(key.workspaceId(), key.sourceId(), onDevice, signed);
    } catch (CurrentTransformations.UnreadableException e) {
      throw new RefusedException(
          503,
          "rules_unavailable",
          "The source's rules can't be read here; send the request again.");
    }
  }

  private static EventLog.Entry entry(
      Verdict verdict, Instant now, @Nullable String ip, Envelope envelope) {
    return switch (verdict) {
      case Verdict.Accepted event -> new AcceptedEntry(event);
      case Verdict.Rejected event -> new RefusedEntry(event, now, ip, envelope);
    };
  }

  private record AcceptedEntry(Verdict.Accepted event) implements EventLog.Entry {
    @Override
    public String topic() {
      return Topics.INGESTION_EVENTS;
    }

    @Override
    public String key() {
      return event.key();
    }

    @Override
    public byte[] value() {
      return event.draft().encode();
    }
  }

  private record RefusedEntry(
      Verdict.Rejected event, Instant now, @Nullable String ip, Envelope envelope)
      implements EventLog.Entry {
    @Override
    public String topic() {
      return Topics.INGESTION_REJECTED;
    }

    @Override
    public String key() {
      return event.source().workspaceId();
    }

    @Override
    public byte[] value() {
      return RefusedRecord.of(event, now, ip, envelope).encode();
    }
  }

  /** Counts the verdicts and says how many are refusals. */
  private int count(List<Verdict> verdicts) {
    int refusals = 0;
    for (Verdict verdict : verdicts) {
      switch (verdict) {
        case Verdict.Accepted _ -> accepted.increment();
        case Verdict.Rejected event -> {
          refusals++;
          refused.increment();
          for (Reason reason : event.reasons()) {
            registry.counter("tributary.collector.refused", "reason", reason.code()).increment();
          }
        }
      }
    }
    return refusals;
  }

  private static String cause(Throwable error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return cause.getClass().getSimpleName();
  }
}
