package io.tributary.event;

import java.util.List;

/** The topics that services talk over. */
public final class Topics {
  /** Accepted events, keyed by workspace and person; written by ingestion-service. */
  public static final String INGESTION_EVENTS = "ingestion.events";

  /** Refused events with their original bytes, on the way to quarantine; ingestion-service only. */
  public static final String INGESTION_REJECTED = "ingestion.rejected";

  /**
   * Resolved events, merges and splits, keyed by canonical profile; written by identity-service.
   */
  public static final String IDENTITY_EVENTS = "identity.events";

  /** Applied inputs, keyed by canonical profile; written by profile-service. */
  public static final String PROFILE_CHANGES = "profile.changes";

  /** Crossings of segment borders, keyed by profile; written by segment-service. */
  public static final String SEGMENT_CHANGES = "segment.changes";

  /** The key of each send before its provider is called; written by campaign-service. */
  public static final String CAMPAIGN_SENDS = "campaign.sends";

  /** Addresses that were suppressed, and suppressions that were lifted; campaign-service only. */
  public static final String CAMPAIGN_SUPPRESSIONS = "campaign.suppressions";

  /** Requests to suppress and to erase people, before they are answered; profile-service only. */
  public static final String PRIVACY_REQUESTS = "privacy.requests";

  /** All of them. */
  public static final List<String> ALL =
      List.of(
          INGESTION_EVENTS,
          IDENTITY_EVENTS,
          PROFILE_CHANGES,
          SEGMENT_CHANGES,
          CAMPAIGN_SENDS,
          CAMPAIGN_SUPPRESSIONS,
          PRIVACY_REQUESTS);

  private Topics() {}
}
