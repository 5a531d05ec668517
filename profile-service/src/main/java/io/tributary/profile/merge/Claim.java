package io.tributary.profile.merge;

import io.tributary.event.RawJson;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one event said about one trait (or about consent to one category).
 *
 * @param value in canonical form; null when the event removed the trait, which is remembered so
 *     that an older value that comes later stays removed
 * @param micros the event's time, in microseconds since 1970
 */
public record Claim(@Nullable RawJson value, long micros, String sourceId, String messageId) {

  /**
   * The claim that counts of two about the same trait: the later one; of two at the same time that
   * of the greater message id, then the greater value. A total order, so arrival doesn't matter.
   */
  public static Claim later(Claim one, Claim other) {
    int order = Long.compare(one.micros, other.micros);
    if (order == 0) {
      order = one.messageId.compareTo(other.messageId);
    }
    if (order == 0) {
      order = Arrays.compareUnsigned(one.bytes(), other.bytes());
    }
    if (order == 0) {
      order = one.sourceId.compareTo(other.sourceId);
    }
    return order >= 0 ? one : other;
  }

  private byte[] bytes() {
    return value == null ? new byte[0] : value.toBytes();
  }
}
