package io.tributary.stream;

import java.util.List;
import org.springframework.context.SmartLifecycle;

/**
 * Something that a service does once its parts are made and before any of them works, so that Kafka
 * may come up while they are made.
 */
public final class AtStart implements SmartLifecycle {
  private final int phase;
  private final Runnable act;
  private volatile boolean running;

  private AtStart(int phase, Runnable act) {
    this.phase = phase;
    this.act = act;
  }

  /** Waits until this returns, before all else; what it throws fails the start. */
  public static AtStart await(Runnable servers) {
    return new AtStart(Integer.MIN_VALUE, servers);
  }

  /** Creates those of the topics that are missing, before all that uses Kafka. */
  public static AtStart topics(KafkaClients clients, List<String> topics) {
    return new AtStart(Integer.MIN_VALUE + 1, () -> clients.ensureTopics(topics));
  }

  @Override
  public void start() {
    act.run();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return phase;
  }
}
