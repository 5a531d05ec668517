package io.tributary.ingestion.plan;

import java.util.Locale;

/** What becomes of an event that breaks its plan; reported in each case. */
public enum OnViolation {
  /** It's accepted as it is. */
  ALLOW,
  /** It's accepted without what breaks the plan. */
  OMIT,
  /** It's refused, and goes to the quarantine. */
  QUARANTINE;

  /** The name in JSON. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
