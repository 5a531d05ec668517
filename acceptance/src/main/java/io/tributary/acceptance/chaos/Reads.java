package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Receivers.Receipt;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that the product says once it is calm.
 *
 * @param at when the segments were read
 * @param segments by their names in {@link Scene}
 * @param campaigns by their names in {@link Scene}
 * @param quarantined message ids
 */
record Reads(
    Instant at,
    List<Person> people,
    Map<String, Segment> segments,
    Map<String, Campaign> campaigns,
    List<Receipt> receipts,
    Set<String> quarantined,
    List<Refused> refusedLinks) {

  /** One profile with all that names it, and its whole timeline. */
  record Person(
      String id, List<Name> names, String plan, long eventCount, List<Happening> timeline) {}

  /** An identifier such as {@code userId} and its value. */
  record Name(String type, String value) {}

  /** An entry of a timeline. */
  record Happening(String messageId, String name) {}

  /**
   * A segment.
   *
   * @param crossings the oldest first
   * @param disagreement what the recomputation by SQL says against it; empty when nothing
   */
  record Segment(Set<String> members, List<Crossing> crossings, String disagreement) {}

  /** Somebody entered or exited. */
  record Crossing(String id, String profile, boolean entered, String reason, Instant at) {}

  /**
   * A campaign.
   *
   * @param since what happened later than this starts a delivery
   */
  record Campaign(Instant since, List<Delivery> deliveries) {}

  /**
   * A delivery.
   *
   * @param attempts how many were made
   * @param claimedAt the epoch's beginning when it never was
   */
  record Delivery(
      String id,
      String trigger,
      String profile,
      String state,
      String outcome,
      int attempts,
      Instant claimedAt) {

    /** Whether it was refused for the time being, and waits for its next attempt. */
    boolean waits() {
      return state.equals("pending") && attempts > 0;
    }
  }

  /** An identifier that a message named and that stayed with its owner. */
  record Refused(Name name, String messageId) {}
}
