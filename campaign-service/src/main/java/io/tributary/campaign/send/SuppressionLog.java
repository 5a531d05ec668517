package io.tributary.campaign.send;

import io.tributary.campaign.store.SuppressionStore.Suppression;
import io.tributary.event.JsonBytes;
import io.tributary.event.Topics;
import io.tributary.stream.Ledger;
import java.util.HexFormat;
import org.apache.kafka.clients.producer.Producer;

/**
 * Appends each suppression, and each one that is lifted, to {@code campaign.suppressions} before it
 * is answered, so that a restored database learns of it. What is suppressed in the end is what was
 * added and not lifted, by id; the order doesn't matter. Holds keyed hashes, no addresses.
 */
public final class SuppressionLog implements AutoCloseable {
  private final Ledger ledger;

  /** A log that closes the producer with itself. */
  public SuppressionLog(Producer<byte[], byte[]> producer) {
    this.ledger = new Ledger(producer, Topics.CAMPAIGN_SUPPRESSIONS);
  }

  /** Notes that an address is suppressed; to be called once that is committed. */
  public void added(String workspaceId, Suppression suppression, byte[] hash) {
    ledger.append(
        suppression.id(),
        new JsonBytes(240)
            .text("workspaceId", workspaceId)
            .text("id", suppression.id())
            .text("channel", suppression.channel().wire())
            .text("hash", HexFormat.of().formatHex(hash))
            .text("reason", suppression.reason())
            .plain("at", suppression.createdAt())
            .close());
  }

  /** Notes that a suppression was lifted; to be called once that is committed. */
  public void lifted(String workspaceId, String id) {
    ledger.append(
        id,
        new JsonBytes(120)
            .text("workspaceId", workspaceId)
            .text("id", id)
            .text("lifted", "yes")
            .close());
  }

  @Override
  public void close() {
    ledger.close();
  }
}
