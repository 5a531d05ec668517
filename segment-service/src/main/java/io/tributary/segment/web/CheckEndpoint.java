package io.tributary.segment.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.conditions.Condition;
import io.tributary.event.ProfileId;
import io.tributary.segment.admin.SegmentAdmin;
import io.tributary.segment.store.Comparison;
import io.tributary.segment.store.Matches;
import io.tributary.segment.store.SegmentReader;
import io.tributary.web.Faults;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What a condition selects right now, by SQL over the profile store. */
@RestController
@RequestMapping("/api/v1/segments")
class CheckEndpoint {
  private static final int SAMPLE = 20;

  private final SegmentAdmin admin;
  private final SegmentViews views;
  private final Clock clock;

  CheckEndpoint(SegmentAdmin admin, SegmentViews views, Clock clock) {
    this.admin = admin;
    this.views = views;
    this.clock = clock;
  }

  /** A condition to try. */
  record Trial(@Nullable JsonNode condition) {}

  /**
   * What it would select.
   *
   * @param sample the first of them
   */
  record PreviewAnswer(String conditionText, long count, List<ProfileId> sample, Instant at) {}

  /**
   * The stored members beside what the condition selects at this moment. Differences that are gone
   * at the next look were on their way: events not yet applied, or a window that has just run out.
   *
   * @param missing how many match but are no members
   * @param extra how many are members but don't match
   */
  record VerifyAnswer(
      Instant at,
      String state,
      long matching,
      long members,
      long missing,
      long extra,
      List<ProfileId> missingSample,
      List<ProfileId> extraSample) {}

  /** Counts who would be in a segment with this condition now, with a sample; stores nothing. */
  @PostMapping("/preview")
  @RequiresScope(Scopes.SEGMENTS_READ)
  PreviewAnswer preview(Caller caller, @RequestBody Trial trial) throws SQLException {
    Faults faults = new Faults();
    Condition condition = ConditionBody.read(trial.condition(), faults);
    faults.throwIfAny();
    admin.requireReferences(caller.workspaceId(), condition);
    Instant now = clock.instant();
    return views.read(connection ->
        new PreviewAnswer(
            condition.describe(),
            Matches.count(connection, condition, caller.workspaceId(), now),
            Matches.first(connection, condition, caller.workspaceId(), now, SAMPLE),
            now));
  }

  /** Compares the stored members with a full recomputation at this moment. */
  @PostMapping("/{id}/verify")
  @RequiresScope(Scopes.SEGMENTS_READ)
  VerifyAnswer verify(Caller caller, @PathVariable String id) throws SQLException {
    Instant now = clock.instant();
    return views.read(connection -> {
      SegmentReader.Segment segment = views.require(connection, caller.workspaceId(), id);
      Comparison found =
          Comparison.of(connection, SegmentViews.condition(segment), caller.workspaceId(), id, now);
      return new VerifyAnswer(
          now,
          segment.state(),
          found.matching(),
          found.members(),
          found.missing(),
          found.extra(),
          found.missingSample(),
          found.extraSample());
    });
  }
}
