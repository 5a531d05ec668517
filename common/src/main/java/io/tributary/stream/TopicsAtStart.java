package io.tributary.stream;

import java.util.List;
import org.springframework.context.SmartLifecycle;

/**
 * Creates the topics that a service appends to when its beans are there and nothing works yet, so
 * that Kafka may come up while they are made.
 */
public final class TopicsAtStart implements SmartLifecycle {

  /** After whatever lets the service wait for Kafka, before all that uses it. */
  public static final int PHASE = Integer.MIN_VALUE + 1;

  private final KafkaClients clients;
  private final List<String> topics;
  private volatile boolean running;

  /** Topics by name; those that are there already stay as they are. */
  public TopicsAtStart(KafkaClients clients, List<String> topics) {
    this.clients = clients;
    this.topics = topics;
  }

  @Override
  public void start() {
    clients.ensureTopics(topics);
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
    return PHASE;
  }
}
