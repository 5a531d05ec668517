package io.tributary.campaign.journey;

import java.util.Locale;
import java.util.Optional;

/** The life of a campaign. */
public enum CampaignState {
  /** Being written; enrolls and sends nothing. */
  DRAFT,
  /** Enrolls and sends. */
  ACTIVE,
  /** Enrolls, but sends nothing until it's resumed. */
  PAUSED,
  /** Ended by hand: nothing more is enrolled or sent. */
  STOPPED,
  /** Sent once to everybody it was for. */
  FINISHED;

  /** What people do with a campaign. */
  public enum Action {
    START,
    PAUSE,
    RESUME,
    STOP;

    /** The lower-case name. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The state that the action leads to; empty when it's not possible now. */
  public Optional<CampaignState> after(Action action) {
    return switch (action) {
      case START -> this == DRAFT ? Optional.of(ACTIVE) : Optional.empty();
      case PAUSE -> this == ACTIVE ? Optional.of(PAUSED) : Optional.empty();
      case RESUME -> this == PAUSED ? Optional.of(ACTIVE) : Optional.empty();
      case STOP -> this == ACTIVE || this == PAUSED ? Optional.of(STOPPED) : Optional.empty();
    };
  }

  /** Whether the definition may be changed: not while somebody could be halfway through it. */
  public boolean isEditable() {
    return this == DRAFT || this == PAUSED;
  }

  /** The lower-case name used in JSON and in the database. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads the lower-case name. */
  public static CampaignState parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
