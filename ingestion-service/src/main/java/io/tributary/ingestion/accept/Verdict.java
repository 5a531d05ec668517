package io.tributary.ingestion.accept;

import io.tributary.event.EventDraft;
import io.tributary.event.Json;
import io.tributary.event.RawJson;
import io.tributary.ingestion.plan.Violation;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of one event. */
public sealed interface Verdict {

  /** The source that sent it. */
  Source source();

  /** How it breaks the source's plan. */
  List<Violation> violations();

  /** Reasons that a sender is told of one event. */
  int TOLD_REASONS = 5;

  /** What a sender is told of its events, in their order: a JSON array. */
  static RawJson json(List<Verdict> verdicts) {
    ArrayNode all = Json.MAPPER.createArrayNode();
    for (Verdict verdict : verdicts) {
      ObjectNode told = all.addObject();
      switch (verdict) {
        case Accepted accepted ->
            told.put("messageId", accepted.draft().messageId()).put("outcome", "accepted");
        case Rejected rejected -> {
          told.put("messageId", rejected.messageId()).put("outcome", "refused");
          List<Reason> reasons = rejected.reasons();
          told.set(
              "reasons", Reason.array(reasons.subList(0, Math.min(TOLD_REASONS, reasons.size()))));
        }
      }
    }
    return RawJson.of(all);
  }

  /**
   * It goes to the log.
   *
   * @param key decides the partition: all events of a person in one workspace share it
   */
  record Accepted(
      Source source, EventDraft draft, String key, Sending sending, List<Violation> violations)
      implements Verdict {
    /** Copies the violations. */
    public Accepted {
      violations = List.copyOf(violations);
    }
  }

  /**
   * It goes to quarantine.
   *
   * @param messageId if it brought a usable one
   * @param body the request that it stands in, from {@code from} (inclusive) to {@code to}
   * @param many whether it's a comma-separated run of events rather than a single one
   * @param transformed whether these bytes are the event after its source's transformation, since
   *     as it came it may not be kept
   */
  record Rejected(
      Source source,
      @Nullable String messageId,
      List<Reason> reasons,
      List<Violation> violations,
      byte[] body,
      int from,
      int to,
      boolean many,
      boolean transformed)
      implements Verdict {
    /** Copies the lists. */
    public Rejected {
      violations = List.copyOf(violations);
      reasons = List.copyOf(reasons);
    }

    /** The same refusal, of which these bytes are kept. */
    Rejected keeping(Source of, byte[] bytes, int begin, int end, boolean isTransformed) {
      return new Rejected(
          of, messageId, reasons, violations, bytes, begin, end, false, isTransformed);
    }

    /** The event's own bytes, as they came; a run of events is put in brackets. */
    public byte[] original() {
      if (!many) {
        return Arrays.copyOfRange(body, from, to);
      }
      byte[] list = new byte[to - from + 2];
      list[0] = '[';
      System.arraycopy(body, from, list, 1, to - from);
      list[list.length - 1] = ']';
      return list;
    }
  }
}
