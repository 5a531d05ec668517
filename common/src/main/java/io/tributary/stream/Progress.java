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
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * How far the stages are. A stage is past a place when its group's offset, committed in one Kafka
 * transaction with its outputs, is; then the committed end of its output topic is the place the
 * next stage must pass.
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
  private final WaitingRoom waitingRoom;

  /** The partitions of each topic; their number never changes. */
  private final Map<String, Set<TopicPartition>> partitions = new ConcurrentHashMap<>();

  /** A stage's group and the topic that it reads. */
  public record Hop(String group, String topic) {}

  /** Looks along the given hops, in order. */
  public Progress(KafkaClients clients, List<Hop> hops) {
    this.admin = clients.admin();
    this.hops = List.copyOf(hops);
    this.waitingRoom =
        new WaitingRoom(
            this.hops,
            new WaitingRoom.Offsets() {
              @Override
              public Map<TopicPartition, Long> committed(String group) {
                return Progress.this.committed(group);
              }

              @Override
              public Map<TopicPartition, Long> end(String topic) {
                return Progress.this.end(topic);
              }
            });
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
    Map<Integer, Long> offsets = new TreeMap<>();
    end(hops.getFirst().topic())
        .forEach((partition, offset) -> offsets.put(partition.partition(), offset));
    return new PositionToken(offsets);
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
    return waitingRoom.await(places(token), limit);
  }

  /**
   * A walk along the hops that remembers how far it got, so that later asking goes on from there.
   */
  public Walk walk(PositionToken token) {
    return new Walk(places(token));
  }

  private Map<TopicPartition, Long> places(PositionToken token) {
    Map<TopicPartition, Long> places = new HashMap<>();
    token
        .offsets()
        .forEach((partition, offset) ->
            places.put(new TopicPartition(hops.getFirst().topic(), partition), offset));
    return places;
  }

  /** How many records each group has yet to read, by group in the order of the path. */
  public Map<String, Long> lag() {
    Map<String, Long> lag = new java.util.LinkedHashMap<>();
    for (Hop hop : hops) {
      Map<TopicPartition, Long> committed = committed(hop.group());
      long behind = 0;
      for (Map.Entry<TopicPartition, Long> end : end(hop.topic()).entrySet()) {
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
    private Map<TopicPartition, Long> wanted;
    private int hop;

    private Walk(Map<TopicPartition, Long> wanted) {
      this.wanted = wanted;
    }

    /** Goes on as far as it can; true at the end of the last hop. */
    public boolean passed(Progress progress) {
      while (hop < progress.hops.size()) {
        Hop current = progress.hops.get(hop);
        if (!progress.isPast(current.group(), wanted)) {
          return false;
        }
        hop++;
        if (hop < progress.hops.size()) {
          wanted = progress.end(progress.hops.get(hop).topic());
        }
      }
      return true;
    }
  }

  private boolean isPast(String group, Map<TopicPartition, Long> wanted) {
    return WaitingRoom.isPast(committed(group), wanted);
  }

  private Map<TopicPartition, Long> committed(String group) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    Await.result(
            "reading the offsets of group " + group,
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .forEach((partition, offset) -> {
          if (offset != null) {
            offsets.put(partition, offset.offset());
          }
        });
    return Map.copyOf(offsets);
  }

  private Map<TopicPartition, Long> end(String topic) {
    Set<TopicPartition> all = partitions(topic);
    ListOffsetsResult offsets =
        admin.listOffsets(
            all.stream().collect(Collectors.toMap(one -> one, _ -> OffsetSpec.latest())),
            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (TopicPartition partition : all) {
      ends.put(
          partition,
          Await.result("reading the end of " + partition, offsets.partitionResult(partition))
              .offset());
    }
    return Map.copyOf(ends);
  }

  private Set<TopicPartition> partitions(String topic) {
    Set<TopicPartition> known = partitions.get(topic);
    if (known != null) {
      return known;
    }
    Set<TopicPartition> found =
        Await.result("describing " + topic, admin.describeTopics(List.of(topic)).allTopicNames())
            .values()
            .stream()
            .flatMap(description -> description.partitions().stream())
            .map(info -> new TopicPartition(topic, info.partition()))
            .collect(Collectors.toUnmodifiableSet());
    partitions.put(topic, found);
    return found;
  }
}
