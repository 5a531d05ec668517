package io.tributary.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class TestServersTest {

  @Test
  void eachDatabaseIsItsOwnAndItsSessionsAreNotInUtc() throws Exception {
    TestDatabase one = TestPostgres.freshDatabase();
    TestDatabase two = TestPostgres.freshDatabase();
    try (var first = one.dataSource().getConnection();
        var second = two.dataSource().getConnection()) {
      first.createStatement().execute("create table only_here (id int)");
      try (var rows =
          second
              .createStatement()
              .executeQuery("select to_regclass('only_here'), current_setting('timezone')")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getObject(1)).isNull();
        assertThat(rows.getString(2)).isNotIn("UTC", "GMT", "Etc/UTC");
      }
    }
  }

  @Test
  void committedShowsWhatIsCommittedAndNothingElse() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic("testing.committed", 2, (short) 1))).all().get();
    }
    Map<String, Object> settings =
        Map.of("bootstrap.servers", TestKafka.bootstrapServers(), "transactional.id", "testing");
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("testing.committed", 0, "k", "aborted")).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("testing.committed", 1, "k", "kept")).get();
      producer.commitTransaction();
    }
    assertThat(TestKafka.committed("testing.committed"))
        .extracting(record -> new String(record.value(), StandardCharsets.UTF_8))
        .containsExactly("kept");
  }

  @Test
  void theClockStandsUntilItIsMoved() {
    MutableClock clock = MutableClock.at("2026-01-01T00:00:00Z");
    assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(clock.advance(Duration.ofDays(1))).isEqualTo(Instant.parse("2026-01-02T00:00:00Z"));
    assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-02T00:00:00Z"));
  }
}
