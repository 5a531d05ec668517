package io.tributary.identity.resolve;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a batch.
 *
 * @param resolutions one per event, in the order of the events
 * @param newNodes homes that began, as they are after the whole batch
 * @param changedRoots roots known before, as they are after the whole batch; those that were
 *     absorbed are in {@code merges} instead
 */
public record Decisions(
    List<Resolution> resolutions,
    List<NewNode> newNodes,
    List<ChangedRoot> changedRoots,
    List<Assignment> assignments,
    List<Merge> merges,
    List<Refusal> refusals) {

  /**
   * Whose an event is.
   *
   * @param canonical the root of the home when it was decided
   */
  public record Resolution(UUID home, UUID canonical) {}

  /** A home that began, and where it belongs by now. */
  public record NewNode(
      String workspaceId,
      UUID id,
      UUID canonical,
      @Nullable UUID mergedInto,
      long linkVersion,
      @Nullable String userId,
      int homes,
      Instant createdAt) {}

  /** A root that got a userId or more homes. */
  public record ChangedRoot(String workspaceId, UUID id, @Nullable String userId, int homes) {}

  /** An identifier's new owner from a time on. */
  public record Assignment(
      Identifier identifier, Instant from, UUID home, String sourceId, String messageId) {}

  /**
   * Two roots become one component.
   *
   * @param id {@code mrg_…}
   * @param event the place of the causing event in the batch
   * @param version of the absorbed root's link
   * @param finalRoot where the absorbed component belongs after the whole batch
   * @param wasKnown whether the absorbed root was there before the batch
   */
  public record Merge(
      String id,
      int event,
      String workspaceId,
      UUID absorbed,
      UUID survivor,
      long version,
      Cause cause,
      UUID finalRoot,
      boolean wasKnown) {}

  /**
   * Why two roots were merged.
   *
   * @param matched the types of the two identifiers that named both on one event
   */
  public record Cause(Rule rule, List<String> matched, String messageId) {
    /** Copies the list. */
    public Cause {
      matched = List.copyOf(matched);
    }

    /** In a few words, without values. */
    public String reason() {
      return rule.wire() + ": " + String.join(" and ", matched);
    }
  }

  /** What kind of fact links two homes. */
  public enum Rule {
    /** One event carries identifiers of both. */
    IDENTIFIERS("identifiers"),
    /** A known person is on a device that nobody known held. */
    DEVICE("device"),
    /** An alias call says so. */
    ALIAS("alias");

    private final String wire;

    Rule(String wire) {
      this.wire = wire;
    }

    /** The name in the database and in answers. */
    public String wire() {
      return wire;
    }
  }

  /**
   * An identifier on an event that stays with somebody else.
   *
   * @param home whose the event is
   * @param otherHome whose the identifier is
   */
  public record Refusal(
      String workspaceId,
      UUID home,
      Identifier identifier,
      UUID otherHome,
      Reason reason,
      String messageId,
      Instant at) {}

  /** Why two profiles are not merged although an event names both. */
  public enum Reason {
    /** Both have a userId, and these differ. */
    OTHER_USER_ID("other_user_id"),
    /** They were split by hand. */
    SPLIT_BY_HAND("split_by_hand"),
    /** Together they would have too many homes. */
    TOO_MANY_HOMES("too_many_homes");

    private final String wire;

    Reason(String wire) {
      this.wire = wire;
    }

    /** The name in the database and in answers. */
    public String wire() {
      return wire;
    }
  }
}
