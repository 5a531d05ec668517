package io.tributary.acceptance.processes;

import io.tributary.embedded.KafkaServer;
import io.tributary.embedded.KafkaSettings;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Kafka by itself: {@code KafkaNode DIRECTORY PORT ADVERTISED-PORT}. Ends with status 3 when the
 * broker gives up.
 */
final class KafkaNode {

  private static final int GAVE_UP = 3;

  private KafkaNode() {}

  public static void main(String[] arguments) throws InterruptedException {
    KafkaServer server =
        KafkaServer.start(
            KafkaSettings.in(
                    Path.of(arguments[0]),
                    Integer.parseInt(arguments[1]),
                    () -> Runtime.getRuntime().halt(GAVE_UP))
                .advertisedAt(Integer.parseInt(arguments[2])));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
    new CountDownLatch(1).await();
  }
}
