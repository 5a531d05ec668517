package io.tributary.profile.privacy;

import static io.tributary.profile.ProfileFixture.WORKSPACE;
import static io.tributary.profile.ProfileFixture.profile;
import static io.tributary.profile.ProfileFixture.record;
import static io.tributary.profile.ProfileFixture.track;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.profile.ProfileFixture;
import io.tributary.profile.ProfileInvariants;
import io.tributary.profile.privacy.PrivacyRequest.Kind;
import io.tributary.profile.store.ExportStore;
import io.tributary.profile.store.Neighbours;
import io.tributary.profile.store.PrivacyStore;
import io.tributary.profile.store.RestoreStore;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.InputRecord;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.Ledger;
import io.tributary.stream.PositionToken;
import io.tributary.stream.Relay;
import io.tributary.testing.MutableClock;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrivacyWorkerTest {
  private static final ProfileId A = profile(1);
  private static final ProfileId B = profile(2);

  private final ProfileFixture store = new ProfileFixture();
  private final Neighbours neighbours = new Neighbours(store.sql);
  private final PrivacyStore privacy = new PrivacyStore(store.sql, neighbours);
  private final ExportStore exports = new ExportStore(store.dataSource, store.sql, neighbours);
  private final Clock clock = MutableClock.at(ProfileFixture.T0);
  private final ChangeLog log = new ChangeLog("profile", "erasures", 1);
  private final KafkaClients clients =
      new KafkaClients(new KafkaSettings("localhost:1", "profile", "0", 1, 1));
  private final MockProducer<byte[], byte[]> topic =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final PrivacyRequests requests =
      new PrivacyRequests(
          store.dataSource,
          privacy,
          log,
          new Relay(log, Topics.PROFILE_CHANGES, clients, store.dataSource),
          new PrivacyLog(topic, () -> new PositionToken(Map.of(0, 7L))),
          clock);

  @AfterEach
  void close() {
    clients.close();
  }

  @Test
  void whatProtectsAPersonStandsInTheTopicWhenItIsAnswered() throws SQLException {
    events(A, 1);
    String export = accept(Kind.EXPORT);
    String suppression = accept(Kind.SUPPRESS);
    String erasure = accept(Kind.ERASE);
    List<PrivacyLog.Entry> entries =
        topic.history().stream().map(record -> PrivacyLog.Entry.decode(record.value())).toList();
    assertThat(entries)
        .extracting(PrivacyLog.Entry::requestId)
        .containsExactly(suppression, erasure)
        .doesNotContain(export);
    assertThat(entries.getLast().homes()).containsExactly(A);
    assertThat(entries.getLast().position().offsets()).containsEntry(0, 7L);
  }

  @Test
  void withoutTheTopicNothingIsDone() throws SQLException {
    events(A, 1);
    topic.sendException = new org.apache.kafka.common.KafkaException("away");
    assertThatThrownBy(() -> accept(Kind.ERASE)).isInstanceOf(Ledger.NotLogged.class);
    assertThat(store.number("select count(*) from profile.privacy_request")).isZero();
    assertThat(store.number("select count(*) from profile.change_log")).isZero();
    assertThat(store.person(A)).isEqualTo("{} 1 1");
  }

  @Test
  void anErasureGoesOnWhereAnotherWorkerWasKilled() throws SQLException {
    events(A, 6_000);
    events(B, 10);
    store.apply(
        record(
            ("{\"kind\":\"event\",\"profileId\":\"" + A + "\"").getBytes(StandardCharsets.UTF_8)));
    String id = accept(Kind.ERASE);
    assertThat(store.number("select count(*) from profile.change_log")).isEqualTo(1);

    assertThat(worker().step()).isTrue();
    assertThat(state(id)).isEqualTo("running");
    assertThat(store.number("select count(*) from profile.event")).isEqualTo(1_010);
    PrivacyWorker another = worker();
    assertThat(another.step()).isTrue();
    assertThat(another.step()).isFalse();
    assertThat(state(id)).isEqualTo("waiting");
    assertThat(store.number("select count(*) from profile.event")).isEqualTo(10);
    assertThat(store.person(B)).isEqualTo("{} 10 1");
    another.settle();
    assertThat(state(id)).isEqualTo("waiting");
  }

  @Test
  void refusedBytesThatNameAnErasedProfileGoAndStayCounted() throws SQLException {
    events(A, 1);
    // Records that say whose they are get their workspace from the batch loop.
    store.apply(
        record(
            ("{\"kind\":\"event\",\"profileId\":\"" + A + "\"").getBytes(StandardCharsets.UTF_8)));
    store.sql.sql("update profile.quarantine set workspace_id = ?").param(WORKSPACE).update();
    accept(Kind.ERASE);
    worker().step();
    assertThat(store.number("select count(*) from profile.quarantine")).isZero();
    assertThat(
            store.number(
                "select total from profile.v_control_total where outcome = 'quarantine_deleted'"))
        .isEqualTo(1);
  }

  @Test
  void anExportIsOneDocumentHoweverManyPartsItHas() throws Exception {
    events(A, 4_000);
    String id = accept(Kind.EXPORT);
    worker().step();
    assertThat(state(id)).isEqualTo("done");
    assertThat(store.number("select count(*) from profile.privacy_export")).isGreaterThan(1);
    var out = new java.io.ByteArrayOutputStream();
    exports.copy(WORKSPACE, id, out);
    assertThat(io.tributary.event.Json.MAPPER.readTree(out.toByteArray()).at("/events").size())
        .isEqualTo(4_000);
    exports.sweep(ProfileFixture.T0.plusSeconds(6 * 86_400));
    assertThat(exports.exists(WORKSPACE, id)).isTrue();
    exports.sweep(ProfileFixture.T0.plusSeconds(8 * 86_400));
    assertThat(exports.exists(WORKSPACE, id)).isFalse();
    ProfileInvariants.check(store.sql);
  }

  private void events(ProfileId home, int count) {
    for (int from = 0; from < count; from += 1_000) {
      int size = Math.min(1_000, count - from);
      InputRecord[] records = new InputRecord[size];
      for (int i = 0; i < size; i++) {
        records[i] = track(home, home + "-" + (from + i), from + i, "Seen");
      }
      store.apply(records);
    }
  }

  private String accept(Kind kind) throws SQLException {
    return requests.accept(WORKSPACE, kind, A, "tok_1").orElseThrow().id();
  }

  private PrivacyWorker worker() {
    return new PrivacyWorker(
        store.dataSource,
        privacy,
        exports,
        new AfterRestore(store.dataSource, new RestoreStore(), requests, clients, clock),
        clock);
  }

  private String state(String id) {
    return store.text("select state from profile.privacy_request where request_id = ?", id);
  }
}
