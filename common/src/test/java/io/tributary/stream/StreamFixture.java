package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.flywaydb.core.Flyway;

/**
 * A stage that counts: its effect is one row per record, and a counter per key that a repeated
 * effect would spoil.
 */
final class StreamFixture implements AutoCloseable {
  /** The most records of a batch. */
  static final int BATCH = 50;

  private static final AtomicInteger NUMBER = new AtomicInteger();
  final String input = "in-" + NUMBER.incrementAndGet() + "-" + System.nanoTime();
  final String output = input + "-out";
  final String consumer = "counting-" + input;
  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final KafkaClients clients;
  final TestDatabase database = TestPostgres.freshDatabase();
  final DataSource dataSource = database.dataSource();

  private final int partitions;

  StreamFixture() throws SQLException {
    this(2);
  }

  StreamFixture(int partitions) throws SQLException {
    this.partitions = partitions;
    this.clients = clients("0");
    Flyway.configure()
        .dataSource(dataSource)
        .defaultSchema("counting")
        .locations("classpath:db/stream")
        .load()
        .migrate();
    execute("create table counting.seen (key text, value text, topic_offset bigint)");
    execute("create table counting.counter (key text primary key, total bigint not null)");
    clients.ensureTopics(List.of(input, output));
  }

  /** The clients of another process; the caller closes them. */
  KafkaClients clients(String instance) {
    return new KafkaClients(
        new KafkaSettings(TestKafka.bootstrapServers(), "test", instance, partitions, 1));
  }

  StageSettings settings() {
    return new StageSettings(consumer, "counting", List.of(input), BATCH, 1);
  }

  StageLoop loop(Stage stage) {
    return loop(stage, dataSource);
  }

  StageLoop loop(Stage stage, DataSource source) {
    return loop(stage, source, clients);
  }

  StageLoop loop(Stage stage, DataSource source, KafkaClients by) {
    return new StageLoop(settings(), by, source, stage, registry, Clock.systemUTC());
  }

  /**
   * Counts and says each record again on the output topic; the word "poison" breaks the database
   * statement.
   */
  Stage stage() {
    return new Stage() {
      @Override
      public List<Output> apply(Connection connection, List<InputRecord> records)
          throws SQLException {
        for (InputRecord record : records) {
          count(connection, record);
        }
        return reemit(connection, records);
      }

      @Override
      public List<Output> reemit(Connection connection, List<InputRecord> records) {
        return records.stream()
            .filter(record -> !text(record).equals("poison"))
            .map(record -> new Output(output, record.key(), record.value(), record))
            .toList();
      }
    };
  }

  private static void count(Connection connection, InputRecord record) throws SQLException {
    try (PreparedStatement insert =
            connection.prepareStatement("insert into counting.seen values (?, ?, ?)");
        PreparedStatement count =
            connection.prepareStatement(
                """
                insert into counting.counter as c values (?, 1)
                on conflict (key) do update set total = c.total + 1
                """)) {
      insert.setString(1, record.key());
      insert.setString(2, text(record).equals("poison") ? "\u0000" : text(record));
      insert.setLong(3, record.offset());
      insert.executeUpdate();
      count.setString(1, record.key());
      count.executeUpdate();
    }
  }

  static String text(InputRecord record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  void produce(int from, int to) throws ExecutionException, InterruptedException {
    List<String> values = new ArrayList<>();
    for (int i = from; i < to; i++) {
      values.add("v" + i);
    }
    produce(values);
  }

  void produce(List<String> values) throws ExecutionException, InterruptedException {
    try (Producer<byte[], byte[]> producer = clients.producer("source")) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (String value : values) {
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    input,
                    ("k" + Math.floorMod(value.hashCode(), 7)).getBytes(StandardCharsets.UTF_8),
                    value.getBytes(StandardCharsets.UTF_8))));
        if (sent.size() % 50 == 0) {
          producer.flush(); // a record has to be through within 1.5 s
        }
      }
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }

  List<String> emitted() {
    return TestKafka.committed(output).stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .sorted()
        .toList();
  }

  long number(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  List<String> texts(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (row.next()) {
        texts.add(row.getString(1));
      }
      return texts;
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  long seen() throws SQLException {
    return number("select count(*) from counting.seen");
  }

  /** Every record up to {@code v(expected-1)} had its effect once and was said once. */
  void assertCountedOnce(String description, int expected) throws SQLException {
    List<String> values = IntStream.range(0, expected).mapToObj(i -> "v" + i).toList();
    assertThat(emitted()).as(description).containsExactlyInAnyOrderElementsOf(values);
    assertThat(seen()).as(description).isEqualTo(expected);
    assertThat(number("select count(distinct value) from counting.seen")).isEqualTo(expected);
    assertThat(number("select sum(total) from counting.counter")).isEqualTo(expected);
  }

  @Override
  public void close() {
    clients.close();
  }
}
