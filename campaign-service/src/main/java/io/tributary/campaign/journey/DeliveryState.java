package io.tributary.campaign.journey;

import java.util.Locale;

/** Where a delivery stands. */
public enum DeliveryState {
  /** Waits for its time, the first or that of a further attempt. */
  PENDING,
  /** Being sent: the checks were passed, the answer isn't known yet. */
  CLAIMED,
  /** The provider has taken it. */
  SENT,
  /** Refused for good by the receiving side. */
  BOUNCED,
  /** Not sent, and it won't be. */
  FAILED,
  /** Perhaps sent: the provider's answer is unknown. Never repeated by itself. */
  UNCERTAIN,
  /** Not sent because it must not be. */
  SKIPPED;

  /** The lower-case name used in JSON and in the database. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads the lower-case name. */
  public static DeliveryState parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
