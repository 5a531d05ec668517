package io.tributary.ingestion.live;

import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.Topics;
import io.tributary.ingestion.collect.RefusedRecord;
import io.tributary.stream.InputRecord;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What somebody wants to see of the events of a workspace.
 *
 * @param outcome accepted or refused; null for both
 * @param source id of the source; null for all
 * @param type of the call; null for all
 * @param event name of a tracked event; null for all
 * @param userId whose events; null for everybody's
 * @param anonymousId of which device; null for all
 */
record Watch(
    String workspaceId,
    @Nullable String outcome,
    @Nullable String source,
    @Nullable String type,
    @Nullable String event,
    @Nullable String userId,
    @Nullable String anonymousId) {

  /**
   * Something to show.
   *
   * @param name accepted or refused
   * @param data JSON on one line
   */
  record Sight(String name, String data) {}

  /** What is to be shown of a record; empty for nothing. */
  Optional<Sight> of(InputRecord record) {
    try {
      return record.topic().equals(Topics.INGESTION_REJECTED)
          ? refused(RefusedRecord.decode(record.value()))
          : accepted(CollectedEvent.decode(record.value()));
    } catch (MalformedRecordException e) {
      return Optional.empty();
    }
  }

  private Optional<Sight> accepted(CollectedEvent found) {
    boolean wanted =
        found.workspaceId().equals(workspaceId)
            && fits(outcome, "accepted")
            && fits(source, found.sourceId())
            && fits(type, found.type().wire())
            && fits(event, found.event())
            && fits(userId, found.userId())
            && fits(anonymousId, found.anonymousId());
    return wanted ? Optional.of(new Sight("accepted", found.json().toString())) : Optional.empty();
  }

  /**
   * Of a refused event nobody knows whose it is: it's shown to those who don't ask for somebody.
   */
  private Optional<Sight> refused(RefusedRecord found) {
    boolean wanted =
        found.workspaceId().equals(workspaceId)
            && fits(outcome, "refused")
            && fits(source, found.sourceId())
            && type == null
            && event == null
            && userId == null
            && anonymousId == null;
    if (!wanted) {
      return Optional.empty();
    }
    ObjectNode json = Json.MAPPER.createObjectNode().put("sourceId", found.sourceId());
    json.put("messageId", found.messageId()).put("receivedAt", found.receivedAt().toString());
    json.set("reasons", Json.MAPPER.readTree(found.reasons()));
    return Optional.of(new Sight("refused", json.toString()));
  }

  private static boolean fits(@Nullable String wanted, @Nullable String found) {
    return wanted == null || Objects.equals(wanted, found);
  }
}
