package io.tributary.ingestion.governance;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventType;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.Topics;
import io.tributary.ingestion.plan.Learner;
import io.tributary.ingestion.plan.Plan;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.WholeTopic;
import io.tributary.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The latest events of a source, as the log still has them. */
final class Traffic {
  /** Records of all sources that are looked through, in all partitions together. */
  static final int RECORDS = 100_000;

  private static final Duration TIME = Duration.ofSeconds(8);

  private final KafkaClients clients;

  /** It takes a processor for seconds: one at a time. */
  private final Semaphore free = new Semaphore(1);

  Traffic(KafkaClients clients) {
    this.clients = clients;
  }

  /**
   * What was learned.
   *
   * @param events of the source
   * @param from when the earliest of them was received; null without any
   * @param to when the latest was
   */
  record Lesson(int events, @Nullable Instant from, @Nullable Instant to, Learner.Draft draft) {}

  /** Draws up a plan of the source's latest events. */
  Lesson learn(String workspaceId, String sourceId) {
    if (!free.tryAcquire()) {
      throw Problem.unavailable(
          "busy", "Another plan is being drawn up; try again.", Duration.ofSeconds(5));
    }
    try {
      Pupil pupil = new Pupil(workspaceId, sourceId);
      WholeTopic.read(
          clients,
          Topics.INGESTION_EVENTS,
          Math.ceilDiv(RECORDS, clients.settings().partitions()),
          TIME,
          record -> pupil.read(record.value()));
      return new Lesson(pupil.events, pupil.from, pupil.to, pupil.learner.draft());
    } catch (KafkaException e) {
      throw Problem.unavailable(
          "log_unavailable", "The log can't be read; try again.", Duration.ofSeconds(5));
    } finally {
      free.release();
    }
  }

  private static final class Pupil {
    final Learner learner = new Learner();
    final String workspaceId;
    final String sourceId;
    int events;
    @Nullable Instant from;
    @Nullable Instant to;

    Pupil(String workspaceId, String sourceId) {
      this.workspaceId = workspaceId;
      this.sourceId = sourceId;
    }

    void read(byte[] record) {
      CollectedEvent event;
      try {
        event = CollectedEvent.decode(record);
      } catch (MalformedRecordException e) {
        return; // identity sets it aside
      }
      if (!event.workspaceId().equals(workspaceId) || !event.sourceId().equals(sourceId)) {
        return;
      }
      events++;
      Instant at = event.receivedAt();
      from = from == null || at.isBefore(from) ? at : from;
      to = to == null || at.isAfter(to) ? at : to;
      EventType type = event.type();
      learner.see(type, event.event(), Plan.isOfTraits(type) ? event.traits() : event.properties());
    }
  }
}
