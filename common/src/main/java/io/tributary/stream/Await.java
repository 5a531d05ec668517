package io.tributary.stream;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;

/** Waits for what Kafka was asked. */
final class Await {
  private Await() {}

  /** The answer within 10 s, or a KafkaException that says what was being done. */
  static <T> T result(String deed, KafkaFuture<T> future) {
    try {
      return future.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException(deed + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException(deed + ": no answer within 10 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException(deed + ": interrupted", e);
    }
  }
}
