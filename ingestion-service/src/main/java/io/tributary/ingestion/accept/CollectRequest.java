package io.tributary.ingestion.accept;

import io.tributary.event.RawJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request whose events are told apart but not yet judged. */
public final class CollectRequest {
  /**
   * Bytes of a request, inflated: an event of this size still fits into one record with what goes
   * with it.
   */
  public static final int MAX_BYTES = 4_000_000;

  static final Set<String> SHARED = Set.of("writeKey", "sentAt", "context", "integrations");

  private final byte[] body;
  private final Call call;
  private final Screening screening;
  private final RawEvent envelope;
  private final List<RawEvent> events;
  private final @Nullable RawEvent surplus;

  CollectRequest(
      byte[] body,
      Call call,
      Screening screening,
      RawEvent envelope,
      List<RawEvent> events,
      @Nullable RawEvent surplus) {
    this.body = body;
    this.call = call;
    this.screening = screening;
    this.envelope = envelope;
    this.events = List.copyOf(events);
    this.surplus = surplus;
  }

  /** Reads the bytes of a request; they must not change afterwards. */
  public static Reading read(byte[] body, Call call) {
    return RequestReader.read(body, call);
  }

  /** The write key of the request as a whole. */
  public Optional<String> writeKey() {
    return Optional.ofNullable(key(envelope));
  }

  /** The write keys of the single events; holds an empty text if an event has none. */
  public Set<String> eventKeys() {
    Set<String> keys = new LinkedHashSet<>();
    for (RawEvent event : events) {
      String key = key(event);
      keys.add(key == null ? "" : key);
    }
    return keys;
  }

  /** How many events the request holds; the surplus beyond the limit counts as one. */
  public int size() {
    return events.size() + (surplus == null ? 0 : 1);
  }

  /** What stands around the events. */
  public Envelope envelope() {
    boolean batch = call.type().isEmpty();
    return new Envelope(
        call.type(),
        batch ? json("sentAt") : null,
        batch ? json("context") : null,
        batch ? json("integrations") : null,
        false);
  }

  /** Judges all events of one source. */
  public List<Verdict> judge(Source source, Receipt receipt) {
    return judge(key -> source, receipt);
  }

  /**
   * Judges all events, each for the source of its own key.
   *
   * @param sources finds the source of each of the {@link #eventKeys}
   */
  public List<Verdict> judge(Function<String, Source> sources, Receipt receipt) {
    List<Verdict> verdicts = new ArrayList<>(size());
    Judge judge = new Judge(call, screening, envelope, receipt);
    Transformer transformer = new Transformer(judge, call, screening, envelope, receipt, body);
    for (RawEvent event : events) {
      String key = key(event);
      Source source = sources.apply(key == null ? "" : key);
      verdicts.add(
          source.transformation() == null
              ? judge.judge(event, source, body)
              : transformer.judge(event, source, source.transformation()));
    }
    if (surplus != null && !verdicts.isEmpty()) {
      Reason reason =
          new Reason(
              "too_many_events",
              "$",
              "a batch may hold " + Limits.BATCH_EVENTS + " events; these are the ones beyond");
      Source source = verdicts.getLast().source();
      Verdict.Rejected beyond =
          new Verdict.Rejected(
              source,
              null,
              List.of(reason),
              List.of(),
              body,
              surplus.from(),
              surplus.to(),
              true,
              false);
      boolean withheld = verdicts.stream().anyMatch(verdict -> verdict.source().withholds());
      verdicts.add(transformer.beyond(beyond, source, withheld));
    }
    return verdicts;
  }

  private @Nullable RawJson json(String name) {
    Field field = envelope.field(name);
    return field == null ? null : field.json();
  }

  private static @Nullable String key(RawEvent event) {
    Field field = event.field("writeKey");
    if (field == null || !field.isText() || field.length() > 200) {
      return null;
    }
    String key = field.text().strip();
    return key.isEmpty() ? null : key;
  }
}
