package io.tributary.campaign.send;

import io.tributary.event.JsonBytes;
import io.tributary.event.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends the key of each send to {@code campaign.sends} before its provider is called, so that a
 * restored database can be told what was sent after the backup.
 */
public final class SendLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SendLog.class);
  private static final long PATIENCE_SECONDS = 5;
  private final Producer<byte[], byte[]> producer;

  /** A log that closes the producer with itself. */
  public SendLog(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /** Whether all of the batch stands in the log; if not, none of it may be sent. */
  boolean append(Claims.Batch batch, Instant at) {
    List<Future<?>> appended = new ArrayList<>();
    try {
      for (Claims.Claimed claim : batch.claimed()) {
        appended.add(
            producer.send(
                new ProducerRecord<>(
                    Topics.CAMPAIGN_SENDS,
                    claim.deliveryId().getBytes(StandardCharsets.UTF_8),
                    value(claim, at))));
      }
      for (Future<?> record : appended) {
        record.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      return true;
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      LOG.warn("send action=log outcome=failed cause={}", e.toString());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static byte[] value(Claims.Claimed claim, Instant at) {
    return new JsonBytes(400)
        .text("workspaceId", claim.campaign().workspaceId())
        .text("campaignId", claim.campaign().id())
        .text("deliveryId", claim.deliveryId())
        .number("attempt", claim.attempt())
        .text("triggerKey", claim.triggerKey())
        .plain("profileId", claim.person().root())
        .text("addressHash", claim.addressHash())
        .plain("at", at)
        .close();
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(2));
  }
}
