package io.tributary.stream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * A topic that keeps what must outlive the database: something is answered as done only once it is
 * there, so that a restored database learns of it.
 */
public final class Ledger implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 5;
  private final Producer<byte[], byte[]> producer;
  private final String topic;

  /** A ledger that closes the producer with itself. */
  public Ledger(Producer<byte[], byte[]> producer, String topic) {
    this.producer = producer;
    this.topic = topic;
  }

  /** It couldn't be written down, so it must not be answered as done. */
  public static final class NotLogged extends RuntimeException {
    /** For what Kafka said, or for its silence. */
    public NotLogged(String topic, Throwable cause) {
      super("nothing could be appended to " + topic, cause);
    }
  }

  /**
   * Returns once the topic has it.
   *
   * @throws NotLogged when Kafka refuses, or doesn't answer within five seconds
   */
  public void append(String key, byte[] value) {
    try {
      producer
          .send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value))
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      throw new NotLogged(topic, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NotLogged(topic, e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
