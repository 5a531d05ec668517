package io.tributary.campaign.journey;

import java.util.Locale;

/** Why a delivery was not sent although it was due. */
public enum SkipReason {
  CAMPAIGN_STOPPED,
  PROFILE_UNKNOWN,
  PROFILE_SUPPRESSED,
  PROFILE_ERASED,
  ALREADY_SENT_IN_RUN,
  NO_ADDRESS,
  INVALID_ADDRESS,
  ADDRESS_SUPPRESSED,
  NO_CONSENT;

  /** The lower-case name used in JSON and in the database. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
