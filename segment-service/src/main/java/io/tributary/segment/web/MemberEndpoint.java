package io.tributary.segment.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.ProfileId;
import io.tributary.segment.store.SegmentReader;
import io.tributary.web.Cursor;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Visibility;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who is in a segment, and who came and went. */
@RestController
@RequestMapping("/api/v1/segments/{id}")
class MemberEndpoint {
  private final SegmentViews views;
  private final Visibility visibility;

  MemberEndpoint(SegmentViews views, Visibility visibility) {
    this.views = views;
    this.visibility = visibility;
  }

  /** A member. */
  record MemberAnswer(ProfileId profileId, Instant since) {}

  /** How many members there are. */
  record CountAnswer(long count) {}

  /**
   * A crossing.
   *
   * @param change entered or exited
   * @param reason event, historical (an event of long ago, told now), time, definition, merge,
   *     split or erasure
   * @param messageId the event that caused it, if one did
   */
  record CrossingAnswer(
      ProfileId profileId,
      String change,
      Instant at,
      String reason,
      @Nullable String messageId,
      String changeId) {}

  /** Who is in the segment, and since when. */
  @GetMapping("/members")
  @RequiresScope(Scopes.SEGMENTS_READ)
  Page<MemberAnswer> members(
      Caller caller,
      @PathVariable String id,
      PageQuery page,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header)
      throws SQLException {
    visibility.await(position, header, wait);
    UUID after = page.after("members", 1).map(cursor -> cursor.uuid(0)).orElse(new UUID(0, 0));
    List<SegmentReader.Member> rows =
        views.read(connection -> {
          views.require(connection, caller.workspaceId(), id);
          return views
              .reader()
              .members(connection, caller.workspaceId(), id, after, page.fetchSize());
        });
    return Page.of(rows, page, member -> Cursor.of("members", member.profileId().uuid()))
        .map(member -> new MemberAnswer(member.profileId(), member.since()));
  }

  /** How many are in the segment. */
  @GetMapping("/count")
  @RequiresScope(Scopes.SEGMENTS_READ)
  CountAnswer count(
      Caller caller,
      @PathVariable String id,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header)
      throws SQLException {
    visibility.await(position, header, wait);
    Map<String, Long> counts =
        views.read(connection -> {
          views.require(connection, caller.workspaceId(), id);
          return views.reader().counts(connection, caller.workspaceId(), List.of(id));
        });
    return new CountAnswer(counts.getOrDefault(id, 0L));
  }

  /** Who entered and exited, when and why, the latest first. */
  @GetMapping("/history")
  @RequiresScope(Scopes.SEGMENTS_READ)
  Page<CrossingAnswer> history(
      Caller caller,
      @PathVariable String id,
      PageQuery page,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header)
      throws SQLException {
    visibility.await(position, header, wait);
    SegmentReader.Place before =
        page.after("history", 3)
            .map(cursor ->
                new SegmentReader.Place(
                    cursor.instant(0), Math.toIntExact(cursor.number(1)), cursor.number(2)))
            .orElse(null);
    List<SegmentReader.Past> rows =
        views.read(connection -> {
          views.require(connection, caller.workspaceId(), id);
          return views
              .reader()
              .history(connection, caller.workspaceId(), id, before, page.fetchSize());
        });
    return Page.of(rows, page, past -> Cursor.of("history", past.at(), past.shard(), past.id()))
        .map(MemberEndpoint::crossing);
  }

  private static CrossingAnswer crossing(SegmentReader.Past past) {
    return new CrossingAnswer(
        past.profileId(),
        past.change(),
        past.at(),
        past.reason(),
        past.messageId(),
        past.shard() + "-" + past.id());
  }
}
