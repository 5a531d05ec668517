package io.tributary.campaign.send;

import io.tributary.campaign.store.SuppressionStore.Suppression;
import io.tributary.event.JsonBytes;
import io.tributary.event.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Appends each suppression, and each one that is lifted, to {@code campaign.suppressions} before it
 * is answered, so that a restored database learns of it. What is suppressed in the end is what was
 * added and not lifted, by id; the order doesn't matter. Holds keyed hashes, no addresses.
 */
public final class SuppressionLog implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 5;
  private final Producer<byte[], byte[]> producer;

  /** A log that closes the producer with itself. */
  public SuppressionLog(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /** It couldn't be written down, so it must not be answered as done. */
  public static final class NotLogged extends RuntimeException {
    NotLogged(Throwable cause) {
      super("a suppression couldn't be appended to " + Topics.CAMPAIGN_SUPPRESSIONS, cause);
    }
  }

  /** Notes that an address is suppressed; to be called once that is committed. */
  public void added(String workspaceId, Suppression suppression, byte[] hash) {
    append(
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
    append(
        id,
        new JsonBytes(120)
            .text("workspaceId", workspaceId)
            .text("id", id)
            .text("lifted", "yes")
            .close());
  }

  private void append(String id, byte[] value) {
    try {
      producer
          .send(
              new ProducerRecord<>(
                  Topics.CAMPAIGN_SUPPRESSIONS, id.getBytes(StandardCharsets.UTF_8), value))
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      throw new NotLogged(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotLogged(e);
    }
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(2));
  }
}
