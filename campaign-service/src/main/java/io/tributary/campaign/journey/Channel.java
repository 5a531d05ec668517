package io.tributary.campaign.journey;

import java.util.Locale;

/** How a message travels. */
public enum Channel {
  EMAIL,
  WEBHOOK;

  /** The lower-case name used in JSON and in the database. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads the lower-case name. */
  public static Channel parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
