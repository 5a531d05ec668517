package io.tributary.benchmarks;

import io.tributary.event.Ids;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.postgresql.PGConnection;

/**
 * What this machine does with the same events when it does one thing only; so that figures of
 * different days and machines can be set side by side. Each with one thread.
 */
final class Baselines {
  private static final String TOPIC = "bench.baseline";
  private static final int ROWS = 1_000;
  private final Target target;
  private final double seconds;
  private final Batch batch;

  Baselines(Target target, double seconds) {
    this.target = target;
    this.seconds = seconds;
    this.batch = Batch.mixed("", 100, 99);
  }

  private long end() {
    return System.nanoTime() + (long) (seconds * 1e9);
  }

  /** Events a second that one thread reads and checks as the collector does, without HTTP. */
  double parse() {
    long events = 0;
    parsed(); // loads the classes
    long begin = System.nanoTime();
    for (long end = end(); System.nanoTime() < end; ) {
      for (Verdict verdict : parsed()) {
        events += accepted(verdict).draft().encode().length > 0 ? 1 : 0;
      }
    }
    return events / ((System.nanoTime() - begin) / 1e9);
  }

  private List<Verdict> parsed() {
    batch.next(Load.anyOf(200_000), Load.now());
    Receipt receipt = new Receipt(Instant.now(), "127.0.0.1", () -> Ids.uuid().toString());
    Source source = new Source("ws_bench", "src_bench", false);
    return switch (CollectRequest.read(batch.body(), Call.BATCH)) {
      case Reading.Legible legible -> legible.request().judge(source, receipt);
      case Reading.Illegible illegible -> throw new IllegalStateException(illegible.message());
    };
  }

  private static Verdict.Accepted accepted(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> accepted;
      case Verdict.Rejected rejected ->
          throw new IllegalStateException(rejected.reasons().toString());
    };
  }

  private List<byte[]> records(int count) {
    List<byte[]> records = new ArrayList<>();
    while (records.size() < count) {
      parsed().forEach(verdict -> records.add(accepted(verdict).draft().encode()));
    }
    return records;
  }

  /**
   * Events a second that Kafka takes, with the collector's producer: all acknowledged, idempotent.
   */
  double produce() throws InterruptedException {
    List<byte[]> records = records(2_000);
    KafkaSettings settings = new KafkaSettings(target.kafka(), "bench", "0", 8, 1);
    try (KafkaClients clients = new KafkaClients(settings)) {
      clients.ensureTopics(List.of(TOPIC));
      try (Producer<byte[], byte[]> producer = clients.producer("baseline")) {
        round(producer, records);
        long events = 0;
        long begin = System.nanoTime();
        for (long end = end(); System.nanoTime() < end; ) {
          events += round(producer, records);
        }
        return events / ((System.nanoTime() - begin) / 1e9);
      } finally {
        clients.admin().deleteTopics(List.of(TOPIC)).all().get(10, TimeUnit.SECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the topic of the baseline can't be deleted", e);
    }
  }

  private static int round(Producer<byte[], byte[]> producer, List<byte[]> records)
      throws InterruptedException, ExecutionException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
    for (int i = 0; i < records.size(); i++) {
      byte[] key = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
      sent.add(producer.send(new ProducerRecord<>(TOPIC, key, records.get(i))));
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
    return records.size();
  }

  /** Rows a second that Postgres takes by COPY into a plain table, a thousand to a commit. */
  double copy() throws IOException, SQLException {
    byte[] rows = rows().getBytes(StandardCharsets.UTF_8);
    try (Connection connection = target.database();
        Statement statement = connection.createStatement()) {
      statement.execute("create schema bench");
      try {
        statement.execute(
            "create table bench.event (workspace_id text, profile_id uuid, at timestamptz, message_id text,"
                + " type text, source_id text, payload jsonb)");
        var copier = connection.unwrap(PGConnection.class).getCopyAPI();
        long events = 0;
        long begin = System.nanoTime();
        for (long end = end(); System.nanoTime() < end; ) {
          events += copier.copyIn("copy bench.event from stdin", new ByteArrayInputStream(rows));
        }
        return events / ((System.nanoTime() - begin) / 1e9);
      } finally {
        statement.execute("drop schema bench cascade");
      }
    }
  }

  private String rows() {
    StringBuilder rows = new StringBuilder();
    for (byte[] record : records(ROWS)) {
      String json = new String(record, StandardCharsets.UTF_8).replace("\\", "\\\\");
      rows.append("ws_bench\t")
          .append(UUID.randomUUID())
          .append('\t')
          .append(Load.now())
          .append('\t')
          .append(UUID.randomUUID())
          .append("\ttrack\tsrc_bench\t")
          .append(json)
          .append('\n');
    }
    return rows.toString();
  }
}
