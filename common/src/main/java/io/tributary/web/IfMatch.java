package io.tributary.web;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The precondition of a change to a versioned definition: the {@code If-Match} header with the ETag
 * that the caller has read. An endpoint declares a parameter of this type; a request without the
 * header ends with 428.
 */
public final class IfMatch {
  private final String header;

  private IfMatch(String header) {
    this.header = header;
  }

  /** Reads the header; without one the request ends with 428. */
  public static IfMatch of(@Nullable String header) {
    if (header == null || header.isBlank()) {
      throw Problem.of(
          428,
          "if_match_required",
          "Send If-Match with the ETag of the version that you have read, so that nobody's change"
              + " is overwritten unseen.");
    }
    return new IfMatch(header);
  }

  /** Ends the request with 412 unless the caller has read exactly this version. */
  public void require(long version) {
    if (!matches(version)) {
      throw versionMismatch();
    }
  }

  /** Whether the caller has read this version; {@code *} matches each. */
  public boolean matches(long version) {
    String wanted = etag(version);
    return Arrays.stream(header.split(","))
        .map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.equals(wanted));
  }

  /** The ETag of a version: {@code "7"}. */
  public static String etag(long version) {
    return '"' + Long.toString(version) + '"';
  }

  static Problem versionMismatch() {
    return Problem.of(
        412,
        "version_mismatch",
        "The definition was changed since you read it. Read it again, apply your change, and send"
            + " its new ETag in If-Match.");
  }
}
