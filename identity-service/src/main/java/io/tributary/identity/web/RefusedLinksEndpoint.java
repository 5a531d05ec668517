package io.tributary.identity.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.event.ProfileId;
import io.tributary.identity.store.MergeStore;
import io.tributary.identity.store.MergeStore.Refused;
import io.tributary.web.Cursor;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.Problem;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Links between profiles that events suggested and a limit forbade. */
@RestController
public final class RefusedLinksEndpoint {
  private static final String CURSOR = "refused-links";

  private final MergeStore merges;

  /** The endpoint. */
  public RefusedLinksEndpoint(MergeStore merges) {
    this.merges = merges;
  }

  /** What named another profile. */
  record IdentifierView(String type, String value) {}

  /**
   * A link that was not made.
   *
   * @param profileId whose the event is
   * @param otherProfileId whose the identifier is
   */
  record RefusedLinkView(
      String refusedId,
      ProfileId profileId,
      ProfileId otherProfileId,
      IdentifierView identifier,
      String reason,
      String messageId,
      Instant at) {
    static RefusedLinkView from(Refused refused) {
      return new RefusedLinkView(
          refused.refusedId(),
          new ProfileId(refused.profile()),
          new ProfileId(refused.otherProfile()),
          new IdentifierView(refused.type(), refused.value()),
          refused.reason(),
          refused.messageId(),
          refused.at());
    }
  }

  /** Refused links, the newest first; each is listed once, however often it repeated. */
  @GetMapping("/api/v1/identity/refused-links")
  @RequiresScope(Scopes.PROFILES_READ)
  Page<RefusedLinkView> list(
      @RequestParam(name = "profileId", required = false) @Nullable String profileId,
      PageQuery page,
      Caller caller) {
    String after = page.after(CURSOR, 1).map(cursor -> cursor.text(0)).orElse(null);
    UUID profile = profileId == null ? null : profile(profileId);
    List<Refused> rows = merges.refused(caller.workspaceId(), profile, after, page.fetchSize());
    return Page.of(rows, page, last -> Cursor.of(CURSOR, last.refusedId()))
        .map(RefusedLinkView::from);
  }

  private static UUID profile(String text) {
    return ProfileId.tryParse(text)
        .orElseThrow(
            () -> Problem.invalid("profileId", "invalid", "must be prf_ and 32 hex digits"))
        .uuid();
  }
}
