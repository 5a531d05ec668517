package io.tributary.stream;

import io.tributary.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * How far the stages are. A stage is past a place when its group's offset, committed in one Kafka
 * transaction with its outputs, is; then the end of its output topic, open transactions included,
 * is the place the next stage must pass.
 */
public final class Progress {
  private static final List<Hop> PATH =
      List.of(
          new Hop("identity", Topics.INGESTION_EVENTS),
          new Hop("profile", Topics.IDENTITY_EVENTS),
          new Hop("segment", Topics.PROFILE_CHANGES),
          new Hop("campaign", Topics.SEGMENT_CHANGES));
  private static final Hop CAMPAIGN_EVENTS = new Hop("campaign-events", Topics.PROFILE_CHANGES);

  private final Admin admin;
  private final List<Hop> hops;
  private final Offsets offsets;
  private final WaitingRoom waitingRoom;

  /** A stage's group and the topic that it reads. */
  public record Hop(String group, String topic) {}

  /** Looks along the given hops, in order. */
  public Progress(KafkaClients clients, List<Hop> hops) {
    this.admin = clients.admin();
    this.hops = List.copyOf(hops);
    this.offsets = new KafkaOffsets(admin);
    this.waitingRoom = new WaitingRoom(offsets);
  }

  /**
   * Along the path of an event up to and with the given stage: identity, profile, segment or
   * campaign.
   */
  public static Progress upTo(KafkaClients clients, String group) {
    int last = PATH.stream().map(Hop::group).toList().indexOf(group);
    if (last < 0) {
      throw new IllegalArgumentException("no such stage: " + group);
    }
    return new Progress(clients, PATH.subList(0, last + 1));
  }

  /** All stages, also those beside the path, to ask for their {@link #lag}. */
  public static Progress ofAllStages(KafkaClients clients) {
    List<Hop> all = new ArrayList<>(PATH);
    all.add(CAMPAIGN_EVENTS);
    return new Progress(clients, all);
  }

  /** The end of what has been accepted by now. */
  public PositionToken now() {
    Map<Integer, Long> ends = new TreeMap<>();
    offsets
        .end(hops.getFirst())
        .forEach((partition, offset) -> ends.put(partition.partition(), offset));
    return new PositionToken(ends);
  }

  /** Whether every hop is past the token. */
  public boolean passed(PositionToken token) {
    return walk(token).passed(this);
  }

  /**
   * Whether every hop gets past the token within the limit. However many wait, Kafka is asked for
   * all of them at once, every few milliseconds.
   */
  public boolean await(PositionToken token, Duration limit) throws InterruptedException {
    return waitingRoom.await(walk(token), limit);
  }

  /**
   * A walk along the hops that remembers how far it got, so that later asking goes on from there.
   */
  public Walk walk(PositionToken token) {
    Map<TopicPartition, Long> wanted = new HashMap<>();
    token
        .offsets()
        .forEach((partition, offset) ->
            wanted.put(new TopicPartition(hops.getFirst().topic(), partition), offset));
    return new Walk(hops, wanted);
  }

  /** How many records each group has yet to read, by group in the order of the path. */
  public Map<String, Long> lag() {
    Map<String, Long> lag = new java.util.LinkedHashMap<>();
    for (Hop hop : hops) {
      Map<TopicPartition, Long> committed = offsets.committed(hop);
      long behind = 0;
      for (Map.Entry<TopicPartition, Long> end : offsets.end(hop).entrySet()) {
        behind += Math.max(0, end.getValue() - committed.getOrDefault(end.getKey(), 0L));
      }
      lag.put(hop.group(), behind);
    }
    return lag;
  }

  /** The groups that have no members: nobody reads for them. */
  public Set<String> deserted() {
    Set<String> deserted = new TreeSet<>();
    admin
        .describeConsumerGroups(hops.stream().map(Hop::group).distinct().toList())
        .describedGroups()
        .forEach((group, described) -> {
          try {
            if (Await.result("describing group " + group, described).members().isEmpty()) {
              deserted.add(group);
            }
          } catch (KafkaException e) {
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
              throw e;
            }
            deserted.add(group); // nobody has ever read for it
          }
        });
    return deserted;
  }

  /** One token's way. Not safe for use by several threads. */
  public static final class Walk {
    private final List<Hop> hops;
    private Map<TopicPartition, Long> wanted;
    private int at;

    /** From these places in the first hop's topic on. */
    Walk(List<Hop> hops, Map<TopicPartition, Long> wanted) {
      this.hops = hops;
      this.wanted = wanted;
    }

    /** Goes on as far as it can; true at the end of the last hop. */
    public boolean passed(Progress progress) {
      return passed(progress.offsets);
    }

    boolean passed(Offsets offsets) {
      while (at < hops.size()) {
        if (!isPast(offsets.committed(hops.get(at)))) {
          return false;
        }
        at++;
        if (at < hops.size()) {
          // Asked after the stage was seen to be past: what it said of these events lies before it.
          wanted = offsets.end(hops.get(at));
        }
      }
      return true;
    }

    private boolean isPast(Map<TopicPartition, Long> committed) {
      return wanted.entrySet().stream()
          .allMatch(place -> committed.getOrDefault(place.getKey(), 0L) >= place.getValue());
    }
  }
}
