package io.tributary.ingestion.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a version of a plan says, as people write it and as it's stored; not yet checked.
 *
 * @param events what the plan knows
 * @param unplannedEvents what becomes of tracked events that it doesn't know: allow (where nothing
 *     is said) or quarantine
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PlanDocument(
    @Nullable List<@Nullable PlannedEvent> events, @Nullable String unplannedEvents) {

  /**
   * One event of a plan; says either event or type.
   *
   * @param event the name of a tracked event, exactly
   * @param type identify, page, screen or group, for all calls of this type
   * @param schema JSON Schema 2020-12 of its properties, or traits (identify, group); where there's
   *     none, the event is known and may hold anything
   * @param onViolation allow (where nothing is said), omit or quarantine
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PlannedEvent(
      @Nullable String event,
      @Nullable String type,
      @Nullable JsonNode schema,
      @Nullable String onViolation) {}
}
