package io.tributary.identity.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.ProfileId;
import io.tributary.identity.store.MergeStore;
import io.tributary.identity.store.MergeStore.Merged;
import io.tributary.identity.store.SplitStore;
import io.tributary.identity.store.SplitStore.Outcome;
import io.tributary.stream.Relay;
import io.tributary.web.Cursor;
import io.tributary.web.Faults;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** What was merged into a profile and why, and how to take it back. */
@RestController
public final class MergesEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(MergesEndpoint.class);
  private static final String CURSOR = "merges";

  private final MergeStore merges;
  private final SplitStore splits;
  private final Relay relay;

  /** The endpoint; the relay is woken after each split. */
  public MergesEndpoint(MergeStore merges, SplitStore splits, Relay relay) {
    this.merges = merges;
    this.splits = splits;
    this.relay = relay;
  }

  /** Which merge to split. */
  record SplitRequest(@Nullable String mergeId) {}

  /** Whether a merge is in force. */
  enum State {
    active,
    split
  }

  /** Why two profiles were merged: the rule, the types that matched, and by which message. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CauseView(String rule, List<String> matched, @Nullable String messageId) {}

  /** A merge. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record MergeView(
      String mergeId,
      ProfileId absorbedProfileId,
      ProfileId survivorProfileId,
      CauseView cause,
      State state,
      Instant at,
      @Nullable Instant splitAt,
      @Nullable String splitBy) {
    static MergeView from(Merged merged) {
      return new MergeView(
          merged.mergeId(),
          new ProfileId(merged.absorbed()),
          new ProfileId(merged.survivor()),
          new CauseView(merged.rule(), merged.matched(), merged.messageId()),
          merged.splitAt() == null ? State.active : State.split,
          merged.at(),
          merged.splitAt(),
          merged.splitBy());
    }
  }

  /** A split that was carried out: the two profiles that stand apart now. */
  record SplitView(
      String mergeId,
      ProfileId absorbedProfileId,
      ProfileId survivorProfileId,
      State state,
      Instant splitAt,
      String splitBy) {}

  /** Merges of the profile, also those that were split, the newest first. */
  @GetMapping("/api/v1/profiles/{id}/merges")
  @RequiresScope(Scopes.PROFILES_READ)
  Page<MergeView> list(@PathVariable("id") String id, PageQuery page, Caller caller) {
    ProfileId profile = profile(id);
    if (!merges.exists(caller.workspaceId(), profile.uuid())) {
      throw unknown(id);
    }
    String after = page.after(CURSOR, 1).map(cursor -> cursor.text(0)).orElse(null);
    List<Merged> rows =
        merges.merges(caller.workspaceId(), profile.uuid(), after, page.fetchSize());
    return Page.of(rows, page, last -> Cursor.of(CURSOR, last.mergeId())).map(MergeView::from);
  }

  /**
   * Takes a merge back. Both profiles get back their own events, traits and identifiers, and no
   * event merges them again.
   */
  @PostMapping("/api/v1/profiles/{id}/split")
  @RequiresScope(Scopes.PROFILES_WRITE)
  SplitView split(@PathVariable("id") String id, @RequestBody SplitRequest request, Caller caller) {
    Faults faults = new Faults();
    String mergeId = faults.text(request.mergeId(), "mergeId", 64);
    faults.throwIfAny();
    ProfileId profile = profile(id);
    Outcome outcome = splits.split(caller.workspaceId(), profile.uuid(), mergeId, caller.tokenId());
    return switch (outcome) {
      case Outcome.Done done -> answer(done, caller);
      case Outcome.AlreadySplit _ ->
          throw Problem.conflict(
              "already_split", "This merge was split before; see the profile's list of merges.");
      case Outcome.Unknown _ ->
          throw Problem.notFound(
              "The profile has no merge "
                  + mergeId
                  + ". GET /api/v1/profiles/{id}/merges lists those it has.");
    };
  }

  private SplitView answer(Outcome.Done done, Caller caller) {
    relay.wake();
    LOG.info(
        "identity action=split merge={} absorbed={} survivor={} token={}",
        done.mergeId(),
        new ProfileId(done.absorbed()),
        new ProfileId(done.survivor()),
        caller.tokenId());
    return new SplitView(
        done.mergeId(),
        new ProfileId(done.absorbed()),
        new ProfileId(done.survivor()),
        State.split,
        done.at(),
        caller.tokenId());
  }

  static ProfileId profile(String id) {
    return ProfileId.tryParse(id).orElseThrow(() -> unknown(id));
  }

  private static Problem unknown(String id) {
    return Problem.notFound("There is no profile " + id + ".");
  }
}
