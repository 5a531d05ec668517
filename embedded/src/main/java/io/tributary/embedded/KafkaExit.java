package io.tributary.embedded;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka ends its process when its disk fails or its metadata is broken. Inside our process that
 * would take everything down without a word, so the end becomes a call.
 */
final class KafkaExit {

  private static final Logger log = LoggerFactory.getLogger(KafkaExit.class);

  /** Kafka's hooks are one per process; each running node of the process has its entry here. */
  private static final List<Runnable> LISTENERS = new CopyOnWriteArrayList<>();

  private KafkaExit() {}

  static void add(Runnable onFailure) {
    LISTENERS.add(onFailure);
    Exit.setHaltProcedure((status, message) -> end("halt", status, message));
    Exit.setExitProcedure((status, message) -> end("exit", status, message));
  }

  static void remove(Runnable onFailure) {
    LISTENERS.remove(onFailure);
  }

  private static void end(String kind, int status, @Nullable String message) {
    log.error("kafka gave up kind={} status={} message={}", kind, status, message);
    LISTENERS.forEach(Runnable::run);
    // Kafka's callers rely on not being returned to; its thread dies with this exception.
    throw new EmbeddedServerException("Kafka gave up with status " + status + ": " + message);
  }
}
