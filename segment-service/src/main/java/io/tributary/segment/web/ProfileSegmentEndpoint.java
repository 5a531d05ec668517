package io.tributary.segment.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.conditions.Explanation;
import io.tributary.event.ProfileId;
import io.tributary.segment.membership.Crossings;
import io.tributary.segment.membership.Definitions;
import io.tributary.segment.membership.ProfileState;
import io.tributary.segment.membership.Standing;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.ProfileReader;
import io.tributary.segment.store.SegmentReader;
import io.tributary.segment.store.States;
import io.tributary.segment.store.Stores;
import io.tributary.web.Problem;
import io.tributary.web.Visibility;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The segments of one profile: since when, why, and until when. */
@RestController
@RequestMapping("/api/v1/profiles/{id}/segments")
class ProfileSegmentEndpoint {
  private final SegmentViews views;
  private final Stores stores;
  private final Visibility visibility;
  private final Clock clock;

  ProfileSegmentEndpoint(SegmentViews views, Stores stores, Visibility visibility, Clock clock) {
    this.views = views;
    this.stores = stores;
    this.visibility = visibility;
    this.clock = clock;
  }

  /** A profile's segments; {@code profileId} is the one that the asked id belongs to now. */
  record ProfileSegmentsAnswer(ProfileId profileId, List<StandingAnswer> data) {}

  /**
   * How the profile stands to a segment.
   *
   * @param since when it entered or left; absent when it never was decided about
   * @param dueAt when the clock alone may change it, if nothing else happens
   * @param explanation the condition, part by part
   */
  record StandingAnswer(
      String segmentId,
      String name,
      boolean member,
      @Nullable Instant since,
      @Nullable String reason,
      @Nullable Instant dueAt,
      @Nullable Explanation explanation) {}

  /**
   * The segments that a profile is in.
   *
   * @param all also those that it is not in, with why
   */
  @GetMapping
  @RequiresScope(Scopes.SEGMENTS_READ)
  ProfileSegmentsAnswer segments(
      Caller caller,
      @PathVariable String id,
      @RequestParam(defaultValue = "false") boolean all,
      @RequestParam(required = false) @Nullable String position,
      @RequestParam(required = false) @Nullable Integer wait,
      @RequestHeader(name = Visibility.HEADER, required = false) @Nullable String header)
      throws SQLException {
    ProfileKey key =
        new ProfileKey(caller.workspaceId(), ProfileId.tryParse(id).orElseThrow(() -> unknown(id)));
    visibility.await(position, header, wait);
    return views.read(connection -> read(connection, key, all));
  }

  private ProfileSegmentsAnswer read(Connection connection, ProfileKey key, boolean all)
      throws SQLException {
    ProfileKey rootKey = stores.profiles().roots(connection, List.of(key)).get(key);
    ProfileReader.Root root =
        rootKey == null
            ? null
            : stores.profiles().load(connection, List.of(rootKey)).roots().get(rootKey);
    if (root == null) {
      throw unknown(key.profileId().toString());
    }
    Definitions definitions = definitions(connection, key.workspaceId());
    ProfileState state =
        States.read(connection, stores, root, definitions.patternIds(definitions.order()));
    List<StandingAnswer> answers = new ArrayList<>();
    for (SegmentReader.Segment segment :
        views.reader().page(connection, key.workspaceId(), "", Integer.MAX_VALUE)) {
      Standing standing = state.standings().get(segment.id());
      if (all || (standing != null && standing.member())) {
        answers.add(answer(segment, standing, definitions, state, clock.instant()));
      }
    }
    return new ProfileSegmentsAnswer(root.key().profileId(), List.copyOf(answers));
  }

  private Definitions definitions(Connection connection, String workspaceId) throws SQLException {
    Set<String> one = Set.of(workspaceId);
    return stores
        .definitions()
        .hold(connection, new TreeSet<>(one))
        .getOrDefault(workspaceId, Definitions.NONE);
  }

  private static StandingAnswer answer(
      SegmentReader.Segment segment,
      @Nullable Standing standing,
      Definitions definitions,
      ProfileState state,
      Instant now) {
    Explanation why = Crossings.explain(definitions, state, segment.id(), now).orElse(null);
    return standing == null
        ? new StandingAnswer(segment.id(), segment.name(), false, null, null, null, why)
        : new StandingAnswer(
            segment.id(),
            segment.name(),
            standing.member(),
            standing.since(),
            standing.reason().wire(),
            why == null ? null : why.nextFlip(),
            why);
  }

  private static Problem unknown(String id) {
    return Problem.notFound("There is no profile " + id + " in this workspace.");
  }
}
