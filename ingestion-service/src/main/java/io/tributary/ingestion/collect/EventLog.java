package io.tributary.ingestion.collect;

import io.tributary.event.Topics;
import io.tributary.stream.PositionToken;
import io.tributary.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Appends the events of a request and comes back when every replica has them, or in time without.
 */
public final class EventLog {
  /** A sender is told within 2 s, so appending has a little less. */
  private static final long LIMIT = TimeUnit.MILLISECONDS.toNanos(1_700);

  /** One record may block for 1 s, so none is begun later than this. */
  private static final long LAST_START = TimeUnit.MILLISECONDS.toNanos(650);

  private static final long REST_MILLIS = 500;

  private final Producer<byte[], byte[]> producer;
  private final Traces traces;

  /** The log behind a producer with acks=all, which all requests share. */
  public EventLog(Producer<byte[], byte[]> producer, Traces traces) {
    this.producer = producer;
    this.traces = traces;
  }

  /**
   * The log didn't confirm in time. Whether it has the records isn't known: they must come again.
   */
  public static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(@Nullable Throwable cause) {
      super("the log did not confirm in time", cause);
    }
  }

  /** Something to append; made only when it's its turn, so that not all are held at once. */
  public interface Entry {
    /** Where it goes. */
    String topic();

    /** Decides the partition. */
    String key();

    /** The bytes. */
    byte[] value();
  }

  /** An entry that is made already. */
  public record Prepared(String topic, String key, byte[] value) implements Entry {}

  /**
   * Appends all entries.
   *
   * @return behind the last one of each partition of {@code ingestion.events}; null if none went
   *     there
   */
  public @Nullable PositionToken append(List<? extends Entry> entries) throws UnavailableException {
    long began = System.nanoTime();
    String trace = traces.current();
    try {
      List<Future<RecordMetadata>> sent = new ArrayList<>(entries.size());
      for (Entry entry : entries) {
        if (System.nanoTime() - began > LAST_START) {
          throw new UnavailableException(null);
        }
        byte[] key = entry.key().getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(entry.topic(), key, entry.value());
        sent.add(producer.send(traces.carry(record, trace)));
      }
      return confirmed(sent, began);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new UnavailableException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(e);
    }
  }

  /**
   * Appends all entries, however long that takes.
   *
   * @param goOn asked after each time that the log didn't confirm; false gives up
   * @return whether they are in the log
   */
  public boolean append(List<? extends Entry> entries, BooleanSupplier goOn)
      throws InterruptedException {
    while (true) {
      try {
        append(entries);
        return true;
      } catch (UnavailableException e) {
        if (!goOn.getAsBoolean()) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(REST_MILLIS);
      }
    }
  }

  private static @Nullable PositionToken confirmed(List<Future<RecordMetadata>> sent, long began)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<Integer, Long> offsets = new HashMap<>();
    for (Future<RecordMetadata> record : sent) {
      long left = LIMIT - (System.nanoTime() - began);
      RecordMetadata at = record.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
      if (at.topic().equals(Topics.INGESTION_EVENTS)) {
        offsets.merge(at.partition(), at.offset() + 1, Math::max);
      }
    }
    return offsets.isEmpty() ? null : new PositionToken(offsets);
  }
}
