package io.tributary.stream;

import org.jspecify.annotations.Nullable;

/**
 * Something that can't be processed, kept with its original bytes.
 *
 * @param workspaceId whose it is; null when the record doesn't even say that
 * @param stage who refused it: {@code collect}, {@code identity}, {@code profile}, {@code segment},
 *     {@code campaign}
 * @param reasons why, as a JSON array of {@code {code, path, message}}; without personal data
 * @param topic where it came from; null when it came by HTTP
 */
public record QuarantineEntry(
    @Nullable String workspaceId,
    @Nullable String sourceId,
    String stage,
    @Nullable String messageId,
    String reasons,
    byte[] original,
    @Nullable String topic,
    int partition,
    long position) {

  /** A record of a stage's input topic. */
  public static QuarantineEntry of(
      String stage, InputRecord record, String reasons, @Nullable String workspaceId) {
    return new QuarantineEntry(
        workspaceId,
        null,
        stage,
        null,
        reasons,
        record.value(),
        record.topic(),
        record.partition(),
        record.offset());
  }
}
