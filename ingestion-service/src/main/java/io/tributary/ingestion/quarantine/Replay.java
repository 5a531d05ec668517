package io.tributary.ingestion.quarantine;

import io.tributary.access.Caller;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.Topics;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.collect.EventLog;
import io.tributary.ingestion.governance.CurrentTransformations;
import io.tributary.ingestion.governance.SourceRules;
import io.tributary.ingestion.transform.Op;
import io.tributary.stream.PositionToken;
import io.tributary.web.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts what was refused back into the stream, at the stage that refused it, once per entry. Should
 * the process end between appending and noting it, the entry can be put back again; that has no
 * second effect, since the event keeps its message id.
 */
public final class Replay {
  private static final Duration RETRY = Duration.ofSeconds(2);

  private final QuarantineStore store;
  private final EventLog log;
  private final SourceRules rules;

  /** Appends to the given log what passes the checks, those by its source's present plan, too. */
  public Replay(QuarantineStore store, EventLog log, SourceRules rules) {
    this.store = store;
    this.log = log;
    this.rules = rules;
  }

  /** Whether an entry can be put back now. */
  sealed interface Judgement {}

  /** It can, as these records. */
  record Fit(List<EventLog.Entry> entries) implements Judgement {
    /** Copies the records. */
    Fit {
      entries = List.copyOf(entries);
    }
  }

  /** It can't. */
  record Unfit(Problem problem) implements Judgement {}

  /**
   * Puts an entry back.
   *
   * @param corrected the event as it should have been; null to take it as it is
   * @return the position behind what was appended, where that's known
   */
  @Nullable PositionToken replay(Caller caller, String id, byte @Nullable [] corrected) {
    QuarantineStore.Detail detail =
        store
            .find(caller.workspaceId(), id)
            .orElseThrow(() -> Problem.notFound("There's no quarantine entry with this id."));
    List<EventLog.Entry> entries =
        switch (judge(caller, detail, corrected, true)) {
          case Fit fit -> fit.entries();
          case Unfit unfit -> throw unfit.problem();
        };
    Done done = putBack(caller, Map.of(id, entries));
    if (done.ids().isEmpty()) {
      throw Problem.conflict(
          "already_replayed", "This entry was put back before, or is being put back just now.");
    }
    return done.position();
  }

  /**
   * What went back.
   *
   * @param ids of those entries that weren't put back before, nor by somebody else just now
   * @param position behind what was appended, where that's known
   */
  record Done(Set<String> ids, @Nullable PositionToken position) {}

  /** Puts entries back, each once: what each is appended as, by its id. */
  Done putBack(Caller caller, Map<String, List<EventLog.Entry>> fit) {
    Set<String> claimed = store.beginReplays(caller.workspaceId(), fit.keySet(), caller.tokenId());
    List<EventLog.Entry> entries =
        fit.entrySet().stream()
            .filter(entry -> claimed.contains(entry.getKey()))
            .flatMap(entry -> entry.getValue().stream())
            .toList();
    try {
      PositionToken position = log.append(entries);
      store.finishReplays(claimed);
      return new Done(claimed, position);
    } catch (EventLog.UnavailableException e) {
      store.abandonReplays(claimed);
      throw Problem.unavailable(
          "log_unavailable", "The event couldn't be stored; try again.", RETRY);
    }
  }

  /** Judges an entry as it is after these edits. */
  Judgement judge(Caller caller, QuarantineStore.Detail detail, List<Op> edits) {
    if (edits.isEmpty()) {
      return judge(caller, detail, null, false);
    }
    JsonNode event;
    try {
      event = Json.MAPPER.readTree(detail.original());
    } catch (JacksonException e) {
      return new Unfit(
          Problem.of(422, "not_editable", "The entry isn't JSON that could be edited."));
    }
    List<JsonNode> events = event.isArray() ? event.valueStream().toList() : List.of(event);
    for (JsonNode each : events) {
      if (each instanceof ObjectNode object) {
        Op.apply(edits, object);
      }
    }
    return judge(caller, detail, Json.MAPPER.writeValueAsBytes(event), false);
  }

  /**
   * Judges an entry.
   *
   * @param bytes instead of those that are kept; null for these
   * @param anew whether they're written by somebody as the source would send them, so that its
   *     transformation isn't behind them
   */
  private Judgement judge(
      Caller caller, QuarantineStore.Detail detail, byte @Nullable [] bytes, boolean anew) {
    Optional<QuarantineStore.Around> around =
        detail.entry().stage().equals(QuarantineStage.COLLECT)
            ? store.around(detail)
            : Optional.empty();
    return around.isPresent()
        ? judged(caller, detail, around.get(), bytes, bytes != null && anew)
        : again(caller, detail, bytes);
  }

  private Judgement judged(
      Caller caller,
      QuarantineStore.Detail detail,
      QuarantineStore.Around around,
      byte @Nullable [] corrected,
      boolean anew) {
    String id =
        detail.entry().messageId() == null ? detail.entry().id() : detail.entry().messageId();
    List<String> made = new ArrayList<>();
    Receipt receipt =
        new Receipt(
            around.receivedAt(),
            around.ip(),
            () -> {
              made.add(id);
              return made.size() == 1 ? id : detail.entry().id() + "-" + made.size();
            });
    byte[] event = corrected == null ? detail.original() : corrected;
    Reading reading =
        CollectRequest.read(around.envelope().request(event), around.envelope().call());
    String sourceId = String.valueOf(detail.entry().sourceId());
    Source source;
    try {
      source = rules.source(caller.workspaceId(), sourceId, around.onDevice(), false);
    } catch (CurrentTransformations.UnreadableException e) {
      return new Unfit(
          Problem.unavailable("rules_unavailable", String.valueOf(e.getMessage()), RETRY));
    }
    if (around.envelope().transformed() && !anew) {
      source = source.transformed();
    }
    return switch (reading) {
      case Reading.Illegible illegible ->
          new Unfit(Problem.of(422, "still_refused", illegible.message()));
      case Reading.Legible legible -> entries(legible.request().judge(source, receipt));
    };
  }

  private static Judgement entries(List<Verdict> verdicts) {
    List<EventLog.Entry> entries = new ArrayList<>();
    List<Problem.Fault> faults = new ArrayList<>();
    for (int i = 0; i < verdicts.size(); i++) {
      String prefix = verdicts.size() == 1 ? "" : "[" + i + "].";
      switch (verdicts.get(i)) {
        case Verdict.Accepted event ->
            entries.add(
                new EventLog.Prepared(
                    Topics.INGESTION_EVENTS, event.key(), event.draft().encode()));
        case Verdict.Rejected event ->
            event
                .reasons()
                .forEach(
                    r -> faults.add(new Problem.Fault(prefix + r.path(), r.code(), r.message())));
      }
    }
    if (verdicts.isEmpty()) {
      // To put back nothing would use the entry up, and its event would be lost.
      faults.add(new Problem.Fault("event", "empty", "must hold at least one event"));
    }
    if (!faults.isEmpty()) {
      return new Unfit(
          Problem.of(
                  422,
                  "still_refused",
                  "The event would be refused again; send it corrected as event in the body.")
              .faults(faults));
    }
    return new Fit(entries);
  }

  /** A record of a topic, as it was: its stage reads it once more. */
  private static Judgement again(
      Caller caller, QuarantineStore.Detail detail, byte @Nullable [] corrected) {
    if (corrected != null) {
      return new Unfit(
          Problem.badRequest(
              "not_correctable",
              "Only what the collector refused can be corrected; send neither event nor edits."));
    }
    String topic = detail.entry().topic();
    if (topic == null || !Topics.ALL.contains(topic)) {
      return new Unfit(
          Problem.conflict(
              "not_replayable", "This entry came from no topic that it could be put back to."));
    }
    return new Fit(
        List.of(new EventLog.Prepared(topic, key(caller, detail, topic), detail.original())));
  }

  /** Only events are still sure to meet their person's other events under this key. */
  private static String key(Caller caller, QuarantineStore.Detail detail, String topic) {
    if (topic.equals(Topics.INGESTION_EVENTS)) {
      try {
        CollectedEvent event = CollectedEvent.decode(detail.original());
        String person = event.userId() != null ? event.userId() : event.anonymousId();
        return caller.workspaceId() + "|" + (person == null ? event.messageId() : person);
      } catch (MalformedRecordException e) {
        return caller.workspaceId() + "|" + detail.entry().id();
      }
    }
    return detail.entry().id();
  }
}
