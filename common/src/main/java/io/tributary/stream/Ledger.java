package io.tributary.stream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;

/**
 * A topic that keeps what must outlive the database: something is answered as done only once it is
 * there, so that a restored database learns of it.
 */
public final class Ledger implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
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
   * Returns once the topic has it. What Kafka can't take at the moment is said again, so it may
   * stand there twice.
   *
   * @throws NotLogged when Kafka refuses, or hasn't taken it after five seconds
   */
  public void append(String key, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        producer.send(record).get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        return;
      } catch (KafkaException | ExecutionException e) {
        boolean passes =
            e instanceof RetriableException || e.getCause() instanceof RetriableException;
        if (!passes || System.nanoTime() >= end) {
          throw new NotLogged(topic, e);
        }
      } catch (TimeoutException e) {
        throw new NotLogged(topic, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new NotLogged(topic, e);
      }
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
