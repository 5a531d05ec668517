package io.tributary.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * A copy of the embedded Kafka's log while it runs. First the groups' offsets; then, once every
 * transaction that was open has ended, each partition up to its last stable offset, and of what
 * follows only the marks that end transactions: the end of one that began below that offset can lie
 * above it, behind records of one that is still open. So whatever an offset says was done is in the
 * copy, and no transaction in it hangs. The state of groups and transactions isn't copied: a
 * restored node has none, and gets the offsets told.
 */
public final class KafkaBackup implements AutoCloseable {
  private static final long PATIENCE_MS = 60_000;
  private final Path log;
  private final BackupFiles files;
  private final Admin admin;

  /** Of the Kafka in a directory into the folder {@code kafka} of a backup. */
  public KafkaBackup(Path directory, String bootstrap, BackupFiles files) {
    this.log = directory.toAbsolutePath().normalize().resolve("log");
    this.files = files;
    this.admin =
        Admin.create(
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "client.id",
                "backup",
                "request.timeout.ms",
                10_000,
                "default.api.timeout.ms",
                30_000));
  }

  /** How far a group was. */
  public record GroupOffset(
      String group, String topic, int partition, long offset, String metadata) {}

  /** Whether the servers at this address are the ones of the directory. */
  public boolean isOfDirectory() {
    try {
      String own = Files.readString(log.resolveSibling("cluster-id")).strip();
      return own.equals(get(admin.describeCluster().clusterId()));
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes it; what the groups' offsets were just before is in it. */
  public List<GroupOffset> take() throws IOException {
    List<GroupOffset> groups = groups();
    List<TopicPartition> partitions = partitions();
    Map<TopicPartition, Long> ends = ends(partitions, IsolationLevel.READ_UNCOMMITTED);
    Map<TopicPartition, Long> stable = stable(partitions, ends);
    for (TopicPartition partition : partitions) {
      copy(partition, stable.getOrDefault(partition, 0L));
    }
    // Last: it knows every topic and every producer id of what was copied.
    files.copy(log.resolveSibling("cluster-id"), "kafka/cluster-id");
    for (Path child : children(log.resolve("__cluster_metadata-0"))) {
      if (Files.isRegularFile(child) && !child.toString().endsWith(".lock")) {
        files.copy(child, "kafka/log/__cluster_metadata-0/" + child.getFileName());
      }
    }
    for (String name : List.of("bootstrap.checkpoint", "meta.properties")) {
      files.copy(log.resolve(name), "kafka/log/" + name);
    }
    return groups;
  }

  private List<GroupOffset> groups() {
    List<GroupOffset> offsets = new ArrayList<>();
    for (GroupListing group : get(admin.listGroups().all())) {
      Map<TopicPartition, OffsetAndMetadata> stored =
          get(
              admin
                  .listConsumerGroupOffsets(group.groupId())
                  .partitionsToOffsetAndMetadata(group.groupId()));
      stored.forEach((partition, offset) -> {
        if (offset != null) {
          offsets.add(
              new GroupOffset(
                  group.groupId(),
                  partition.topic(),
                  partition.partition(),
                  offset.offset(),
                  offset.metadata()));
        }
      });
    }
    return List.copyOf(offsets);
  }

  private List<TopicPartition> partitions() {
    List<TopicPartition> partitions = new ArrayList<>();
    Map<String, TopicDescription> topics =
        get(admin.describeTopics(get(admin.listTopics().names())).allTopicNames());
    topics.forEach((name, topic) ->
        topic
            .partitions()
            .forEach(info -> partitions.add(new TopicPartition(name, info.partition()))));
    return List.copyOf(partitions);
  }

  /** The last stable offsets, once they have reached what was the end. */
  private Map<TopicPartition, Long> stable(
      List<TopicPartition> partitions, Map<TopicPartition, Long> ends) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    while (true) {
      Map<TopicPartition, Long> stable = ends(partitions, IsolationLevel.READ_COMMITTED);
      boolean reached =
          ends.entrySet().stream()
              .allMatch(end -> stable.getOrDefault(end.getKey(), 0L) >= end.getValue());
      if (reached) {
        return stable;
      }
      if (System.nanoTime() > deadline) {
        throw new EmbeddedServerException(
            "A transaction in Kafka stays open for more than a minute. Look at the log, then take the backup again.");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException("Interrupted.", e);
    }
  }

  private Map<TopicPartition, Long> ends(List<TopicPartition> partitions, IsolationLevel level) {
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, ListOffsetsResultInfo> found =
        get(admin.listOffsets(wanted, new ListOffsetsOptions(level)).all());
    Map<TopicPartition, Long> ends = new HashMap<>();
    found.forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  private void copy(TopicPartition partition, long end) throws IOException {
    Path from = log.resolve(partition.topic() + "-" + partition.partition());
    String to = "kafka/log/" + from.getFileName() + "/";
    files.copy(from.resolve("partition.metadata"), to + "partition.metadata");
    for (Path file : children(from)) {
      String name = String.valueOf(file.getFileName());
      // Indexes and the state of producers are made anew from the records.
      if (name.matches("\\d{20}\\.log")) {
        copy(file, to + name, end);
      }
    }
  }

  private void copy(Path segment, String to, long end) throws IOException {
    try {
      Cut cut = Cut.of(segment, end);
      if (!cut.isEmpty() && !files.copy(segment, to, cut.bytes(), cut.endings())) {
        throw new NoSuchFileException(segment.toString());
      }
    } catch (NoSuchFileException e) {
      throw new EmbeddedServerException(
          segment + " was deleted while it was copied. Take the backup again.", e);
    }
  }

  /**
   * What of a segment is copied.
   *
   * @param bytes of the batches below an offset; they come first
   * @param endings the batches above it that end transactions
   */
  record Cut(long bytes, byte[] endings) {
    /**
     * Base offset, length, leader's epoch, version, checksum, attributes: Kafka's batch format 2.
     */
    private static final int HEAD = 23;

    private static final int BEFORE_LENGTH = 12;
    private static final int CONTROL = 0x20;

    /** Reads the heads of a segment's batches. */
    static Cut of(Path segment, long end) throws IOException {
      ByteArrayOutputStream endings = new ByteArrayOutputStream();
      long below = 0;
      try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.READ)) {
        long size = channel.size();
        ByteBuffer head = ByteBuffer.allocate(HEAD);
        long at = 0;
        while (at + HEAD <= size) {
          channel.read(head.clear(), at);
          int length = BEFORE_LENGTH + head.getInt(8);
          if (at + length > size) {
            break;
          }
          if (head.getLong(0) < end) {
            below = at + length;
          } else if ((head.getShort(21) & CONTROL) != 0) {
            ByteBuffer batch = ByteBuffer.allocate(length);
            channel.read(batch, at);
            endings.writeBytes(batch.array());
          }
          at += length;
        }
      }
      return new Cut(below, endings.toByteArray());
    }

    boolean isEmpty() {
      return bytes == 0 && endings.length == 0;
    }
  }

  /** Tells a restored Kafka the offsets of its groups. */
  public static void tell(String bootstrap, List<GroupOffset> offsets) {
    Map<String, Map<TopicPartition, OffsetAndMetadata>> groups = new HashMap<>();
    for (GroupOffset offset : offsets) {
      groups
          .computeIfAbsent(offset.group(), _ -> new HashMap<>())
          .put(
              new TopicPartition(offset.topic(), offset.partition()),
              new OffsetAndMetadata(offset.offset(), offset.metadata()));
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      groups.forEach((group, of) -> get(admin.alterConsumerGroupOffsets(group, of).all()));
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new EmbeddedServerException("Kafka doesn't answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException("Interrupted.", e);
    }
  }

  @Override
  public void close() {
    admin.close(java.time.Duration.ofSeconds(2));
  }
}
