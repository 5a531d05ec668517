package io.tributary.access;

import java.util.Set;

/** The scopes of API tokens. */
public final class Scopes {
  /** See sources and their write keys. */
  public static final String SOURCES_READ = "sources:read";

  /** Create, change and revoke sources and write keys. */
  public static final String SOURCES_WRITE = "sources:write";

  /** Create, list and revoke API tokens. */
  public static final String TOKENS_WRITE = "tokens:write";

  /** Read profiles, their events, identifiers and merges. */
  public static final String PROFILES_READ = "profiles:read";

  /** Change profiles: split a merge. */
  public static final String PROFILES_WRITE = "profiles:write";

  /** Suppress, export and erase people. */
  public static final String PRIVACY_WRITE = "privacy:write";

  /** Read segments, their members and history. */
  public static final String SEGMENTS_READ = "segments:read";

  /** Create and change segments. */
  public static final String SEGMENTS_WRITE = "segments:write";

  /** Read campaigns, deliveries and suppressions. */
  public static final String CAMPAIGNS_READ = "campaigns:read";

  /** Create, change, start and stop campaigns; suppress addresses. */
  public static final String CAMPAIGNS_WRITE = "campaigns:write";

  /** Read what was refused, with its original bytes. */
  public static final String QUARANTINE_READ = "quarantine:read";

  /** Replay or discard what was refused. */
  public static final String QUARANTINE_WRITE = "quarantine:write";

  /** See destinations, and what is undelivered. */
  public static final String DESTINATIONS_READ = "destinations:read";

  /** Create and change destinations: whoever may can have all events sent anywhere. */
  public static final String DESTINATIONS_WRITE = "destinations:write";

  /** See how far events have come. */
  public static final String STATUS_READ = "status:read";

  /** Create workspaces; effective only in a workspace of the operator. */
  public static final String WORKSPACES_WRITE = "workspaces:write";

  /** Read the metrics of the services. */
  public static final String METRICS_READ = "metrics:read";

  /** Everything. */
  public static final String ALL = "*";

  /** Every scope that a token can be given. */
  public static final Set<String> KNOWN =
      Set.of(
          SOURCES_READ,
          SOURCES_WRITE,
          TOKENS_WRITE,
          PROFILES_READ,
          PROFILES_WRITE,
          PRIVACY_WRITE,
          SEGMENTS_READ,
          SEGMENTS_WRITE,
          CAMPAIGNS_READ,
          CAMPAIGNS_WRITE,
          QUARANTINE_READ,
          QUARANTINE_WRITE,
          DESTINATIONS_READ,
          DESTINATIONS_WRITE,
          STATUS_READ,
          WORKSPACES_WRITE,
          METRICS_READ,
          ALL);

  private Scopes() {}

  /** Whether the scopes held allow what the wanted one allows. */
  public static boolean cover(Set<String> held, String wanted) {
    return held.contains(ALL) || held.contains(wanted);
  }
}
