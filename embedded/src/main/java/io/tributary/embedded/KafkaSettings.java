package io.tributary.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How an embedded Kafka is laid out.
 *
 * @param directory holds the log and the cluster's identity; made when missing
 * @param port of the broker on 127.0.0.1; 0 takes any free one
 * @param advertisedPort where clients are told to go, if something stands between; 0 for the port
 *     itself
 * @param sessionTimeout how long a restart after an unclean end waits for the dead broker's session
 * @param startTimeout bound on a start, with the recovery of an unclean log
 * @param onFailure told when the broker gives up, for example because its disk failed
 * @param tls a second port that speaks TLS; none in the product
 */
public record KafkaSettings(
    Path directory,
    int port,
    int advertisedPort,
    Duration sessionTimeout,
    Duration startTimeout,
    Runnable onFailure,
    Tls tls) {

  /**
   * A port that speaks TLS.
   *
   * @param port 0 for none
   * @param settings of Kafka, each beginning with {@code ssl.}
   */
  public record Tls(int port, Map<String, String> settings) {
    /** No such port. */
    public static final Tls NONE = new Tls(0, Map.of());
  }

  /** The product's settings. */
  public static KafkaSettings in(Path directory, int port, Runnable onFailure) {
    return new KafkaSettings(
        directory, port, 0, Duration.ofSeconds(2), Duration.ofMinutes(5), onFailure, Tls.NONE);
  }

  /** The same for clients that come by another port. */
  public KafkaSettings advertisedAt(int other) {
    return new KafkaSettings(directory, port, other, sessionTimeout, startTimeout, onFailure, tls);
  }

  /** The same with a second port. */
  public KafkaSettings with(Tls second) {
    return new KafkaSettings(
        directory, port, advertisedPort, sessionTimeout, startTimeout, onFailure, second);
  }
}
