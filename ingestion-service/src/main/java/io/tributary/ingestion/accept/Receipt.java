package io.tributary.ingestion.accept;

import io.tributary.event.Ids;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the server itself knows of a request.
 *
 * @param ip the address of the sender, where it is known
 * @param messageIds makes an id for an event that brings none
 */
public record Receipt(Instant receivedAt, @Nullable String ip, Supplier<String> messageIds) {

  /** What came just now, to the millisecond; events that bring no id get a new one. */
  public static Receipt at(Instant now, @Nullable String ip) {
    return new Receipt(now.truncatedTo(ChronoUnit.MILLIS), ip, () -> Ids.uuid().toString());
  }
}
