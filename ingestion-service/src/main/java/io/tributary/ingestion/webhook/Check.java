package io.tributary.ingestion.webhook;

/** What a verification found. */
public enum Check {
  /** Signed by who holds the key, and lately. */
  GENUINE("genuine", ""),
  /** There's nothing to verify. */
  MISSING("signature_missing", "The request isn't signed as this provider signs."),
  /** Not signed with this key, or not this content. */
  FORGED("signature_invalid", "The signature doesn't fit."),
  /** Rightly signed, but too long ago. Only who holds the key is told so. */
  STALE("signature_stale", "The signature is too old; send the request again, signed anew.");

  private final String code;
  private final String message;

  Check(String code, String message) {
    this.code = code;
    this.message = message;
  }

  /** Stable, for programs. */
  public String code() {
    return code;
  }

  /** For people. */
  public String message() {
    return message;
  }
}
