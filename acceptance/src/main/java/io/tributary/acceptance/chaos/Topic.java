package io.tributary.acceptance.chaos;

import io.tributary.demo.Api;
import io.tributary.event.Topics;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What somebody with access to Kafka could do to the topics. */
final class Topic {
  /** More than this isn't sent again at once. */
  private static final int MOST = 12_000;

  private static final List<String> POISONED =
      List.of(Topics.INGESTION_EVENTS, Topics.PROFILE_CHANGES, Topics.SEGMENT_CHANGES);
  private static final int EACH = 6;
  private static final int PART = 200;
  private static final int MOST_TRIES = 20;
  private final KafkaSettings settings;

  Topic(String bootstrap) {
    this.settings = new KafkaSettings(bootstrap, "chaos", "0", 8, 1);
  }

  private record Letter(byte @Nullable [] key, byte[] value) {}

  /**
   * Appends the latest collected events again, twice and shuffled.
   *
   * @param wanted whether a message with this id may come again
   */
  int again(Predicate<String> wanted, Random random) throws IOException {
    List<Letter> letters = collected(wanted);
    List<Letter> all = new ArrayList<>(letters);
    all.addAll(letters);
    Collections.shuffle(all, random);
    return all.size() + append(Topics.INGESTION_EVENTS, all);
  }

  /**
   * Records that nobody can use.
   *
   * @param count how many were appended for certain
   * @param doubtful how many perhaps stand there a second time
   */
  record Poison(int count, int doubtful) {
    Poison plus(Poison more) {
      return new Poison(count + more.count, doubtful + more.doubtful);
    }
  }

  /** Appends records that nobody can use. */
  Poison poison(Random random) throws IOException {
    int count = 0;
    int doubtful = 0;
    for (String topic : POISONED) {
      List<Letter> letters = new ArrayList<>();
      for (int i = 0; i < EACH; i++) {
        byte[] key = ("poison-" + random.nextInt()).getBytes(StandardCharsets.UTF_8);
        letters.add(new Letter(key, garbage(i, random)));
      }
      doubtful += append(topic, letters);
      count += letters.size();
    }
    return new Poison(count, doubtful);
  }

  /** A connection over which it can be asked many times who reads what. */
  static KafkaClients connect(String bootstrap) {
    return new KafkaClients(new KafkaSettings(bootstrap, "chaos", "0", 8, 1));
  }

  /** How many partitions each of these instances reads; whoever reads none isn't named. */
  static Map<String, Integer> partitions(KafkaClients clients, List<String> instances) {
    Map<String, Integer> all = new TreeMap<>();
    try {
      List<String> groups =
          clients.admin().listGroups().all().get().stream()
              .filter(group -> group.protocol().equals("consumer"))
              .map(GroupListing::groupId)
              .toList();
      for (ConsumerGroupDescription group :
          clients.admin().describeConsumerGroups(groups).all().get().values()) {
        for (MemberDescription member : group.members()) {
          int count = member.assignment().topicPartitions().size();
          instances.stream()
              .filter(name -> count > 0 && member.clientId().contains("-" + name + "-"))
              .forEach(name -> all.merge(name, count, Integer::sum));
        }
      }
      return all;
    } catch (ExecutionException e) {
      throw new IllegalStateException("asking Kafka who reads what", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking Kafka who reads what", e);
    }
  }

  private static byte[] garbage(int kind, Random random) {
    return switch (kind) {
      case 0 -> new byte[0];
      case 1 -> "{\"workspaceId\": \"ws_".getBytes(StandardCharsets.UTF_8);
      case 2 -> "{}".getBytes(StandardCharsets.UTF_8);
      case 3 -> "[".repeat(5_000).getBytes(StandardCharsets.UTF_8);
      case 4 -> new byte[] {(byte) 0xc3, (byte) 0x28, 0, 1, (byte) 0xff};
      default -> {
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        yield noise;
      }
    };
  }

  /** Appends all, and says how many perhaps stand there a second time: an answer was missing. */
  private int append(String topic, List<Letter> letters) throws IOException {
    int doubtful = 0;
    try (KafkaClients clients = new KafkaClients(settings);
        Producer<byte[], byte[]> producer = clients.producer("again")) {
      for (List<Letter> part : Api.parts(letters, PART)) {
        for (int tries = 1; !appended(producer, topic, part); tries++) {
          doubtful += part.size();
          if (tries == MOST_TRIES) {
            throw new IOException("Kafka doesn't take records for " + topic);
          }
        }
      }
    }
    return doubtful;
  }

  private static boolean appended(
      Producer<byte[], byte[]> producer, String topic, List<Letter> part) throws IOException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (Letter letter : part) {
      sent.add(producer.send(new ProducerRecord<>(topic, letter.key(), letter.value())));
    }
    boolean all = true;
    for (Future<RecordMetadata> each : sent) {
      try {
        each.get();
      } catch (ExecutionException e) {
        all = false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while appending to " + topic, e);
      }
    }
    return all;
  }

  private List<Letter> collected(Predicate<String> wanted) {
    List<Letter> letters = new ArrayList<>();
    try (KafkaClients clients = new KafkaClients(settings);
        Consumer<byte[], byte[]> consumer = clients.consumer("chaos-again", "again", 1_000)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.INGESTION_EVENTS).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long each = MOST / partitions.size();
      partitions.forEach(partition ->
          consumer.seek(
              partition,
              Math.max(
                  begins.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L) - each)));
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          if (record.value() != null && wanted.test(messageId(record.value()))) {
            letters.add(new Letter(record.key(), record.value()));
          }
        }
      }
    }
    return letters;
  }

  private static String messageId(byte[] value) {
    try {
      JsonNode json = Api.MAPPER.readTree(value);
      return json.path("messageId").asString("");
    } catch (JacksonException e) {
      return "";
    }
  }
}
