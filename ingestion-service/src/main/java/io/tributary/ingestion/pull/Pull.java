package io.tributary.ingestion.pull;

import io.tributary.event.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A pull as it stands.
 *
 * @param definition as it was written, as JSON
 * @param secret the password, sealed
 * @param version counts changes of the definition
 * @param generation counts what makes rows that were handled worth handling again
 * @param position the cursor's value of the last row that was handled; null before the first
 * @param positionHash of that row
 * @param passMoved whether the pass at hand has handled a row
 * @param passSeconds how long the last whole pass took
 * @param passedAt when the last whole pass ended
 * @param floor a row that was handled a week ago or longer; null before
 * @param caughtUp whether all that was there has been read once
 * @param epoch tells those who work on it one after another apart
 * @param failures turns that failed one after another
 */
record Pull(
    String id,
    String workspaceId,
    String definition,
    String secret,
    long version,
    long generation,
    boolean enabled,
    @Nullable String position,
    long positionHash,
    boolean passMoved,
    int passSeconds,
    @Nullable Instant passedAt,
    Start.@Nullable Behind floor,
    boolean caughtUp,
    Instant nextAt,
    boolean running,
    long epoch,
    int failures,
    Turn last,
    long accepted,
    long refused,
    Instant createdAt,
    Instant updatedAt) {

  /**
   * The last turn, or the one at work.
   *
   * @param problem why it failed, in one word
   * @param reasons of rows that could neither become events nor go to quarantine, as JSON
   */
  record Turn(
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      long accepted,
      long refused,
      @Nullable String problem,
      @Nullable String reasons) {}

  /** Where its password is sealed to. */
  static String secretPlace(String id) {
    return "pull.secret " + id;
  }

  PullDocument document() {
    return Json.MAPPER.readValue(definition, PullDocument.class);
  }

  @Override
  public String toString() {
    return "Pull[" + id + "]";
  }
}
