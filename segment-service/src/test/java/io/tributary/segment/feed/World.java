package io.tributary.segment.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.conditions.Condition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.ConditionSql;
import io.tributary.conditions.Parsed;
import io.tributary.conditions.Sql;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.segment.store.Stores;
import io.tributary.segment.store.Transactions;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Quarantine;
import io.tributary.testing.MutableClock;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A workspace with people, a clock that tests move, and the stage, timers and backfill by hand. */
final class World {
  static final String WORKSPACE = "ws_1";

  final MutableClock clock = MutableClock.at("2026-03-01T12:00:00Z");
  final DataSource dataSource;
  final JdbcClient jdbc;
  final Stores stores = Stores.create(new ChangeLog("segment", "changes", 2));
  final Transactions transactions;
  final SegmentStage stage;
  final AtomicBoolean caughtUp = new AtomicBoolean(true);
  final Timers timers;
  final List<InputRecord> waiting = new ArrayList<>();
  private final AtomicLong numbers = new AtomicLong();

  World() {
    this(TestPostgres.freshDatabase());
  }

  private World(TestDatabase database) {
    dataSource = database.dataSource();
    jdbc = JdbcClient.create(dataSource);
    jdbc.sql(fixture()).update();
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("segment")
        .locations("classpath:db/migration/segment", "classpath:db/stream")
        .load()
        .migrate();
    transactions = new Transactions(dataSource);
    stage =
        new SegmentStage(
            stores,
            new Quarantine("segment"),
            new ControlTotals("segment", "segment"),
            clock,
            () -> {});
    timers = timers();
  }

  Timers timers() {
    return new Timers(stores, transactions, () -> caughtUp::get, clock, () -> {});
  }

  Backfill backfill(String owner) {
    return new Backfill(stores, transactions, clock, owner, () -> {});
  }

  private static String fixture() {
    try (InputStream in = World.class.getResourceAsStream("/profile-fixture.sql")) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Condition condition(String json) {
    return switch (ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(var condition) -> condition;
      case Parsed.Invalid(var problems) -> throw new IllegalArgumentException(problems.toString());
    };
  }

  /** Does what the admin side does: the new definition is collected from the commit on. */
  void define(String segmentId, String json) {
    condition(json);
    commit(connection -> {
      stores.definitions().holdAlone(connection, WORKSPACE);
      long version =
          jdbc.sql("select coalesce(max(version), 0) + 1 from segment.segment where segment_id = ?")
              .param(segmentId)
              .query(Long.class)
              .single();
      try (var statement =
          connection.prepareStatement(
              """
              insert into segment.segment as s values (?, ?, ?, '', ?::jsonb, ?, 0, false, now(), now())
              on conflict (workspace_id, segment_id) do update
                  set condition = excluded.condition, version = excluded.version
              """)) {
        statement.setString(1, WORKSPACE);
        statement.setString(2, segmentId);
        statement.setString(3, segmentId);
        statement.setString(4, json);
        statement.setLong(5, version);
        statement.executeUpdate();
      }
      stores.builds().begin(connection, WORKSPACE, segmentId, version, clock.instant());
      stores.definitions().changed(connection, WORKSPACE);
      return true;
    });
  }

  void delete(String segmentId) {
    commit(connection -> {
      stores.definitions().holdAlone(connection, WORKSPACE);
      try (var statement =
          connection.prepareStatement(
              "update segment.segment set deleted = true where segment_id = ?")) {
        statement.setString(1, segmentId);
        statement.executeUpdate();
      }
      stores.builds().beginDeletion(connection, WORKSPACE, segmentId, clock.instant());
      stores.definitions().changed(connection, WORKSPACE);
      return true;
    });
  }

  void build() {
    try {
      backfill("worker").run(() -> false);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Defines and builds. */
  void segment(String segmentId, String json) {
    define(segmentId, json);
    build();
    assertThat(state(segmentId)).isEqualTo("ready");
  }

  String state(String segmentId) {
    return jdbc.sql("select state from segment.build where segment_id = ?")
        .param(segmentId)
        .query(String.class)
        .single();
  }

  <T> T commit(Transactions.Work<T> work) {
    try {
      return transactions.commit(work);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  ProfileId person() {
    ProfileId id = ProfileId.create();
    jdbc.sql("insert into profile.home (workspace_id, profile_id, canonical_id) values (?, ?, ?)")
        .params(WORKSPACE, id.uuid(), id.uuid())
        .update();
    return id;
  }

  ProfileId rootOf(ProfileId home) {
    return new ProfileId(
        jdbc.sql("select canonical_id from profile.home where profile_id = ?")
            .param(home.uuid())
            .query(UUID.class)
            .single());
  }

  void track(ProfileId home, String name) {
    track(home, name, clock.instant(), "{}");
  }

  void track(ProfileId home, String name, Instant at) {
    track(home, name, at, "{}");
  }

  /** Stores the event as profile-service would and lets its record wait for {@link #deliver}. */
  String track(ProfileId home, String name, Instant at, String properties) {
    return happen(
        home,
        "track",
        name,
        at,
        "\"event\":\"" + name + "\",\"properties\":" + properties,
        List.of());
  }

  /** Tells now of what happened long ago, as an import does. */
  void recall(ProfileId home, String name) {
    happen(
        home,
        "track",
        name,
        clock.instant(),
        "\"historical\":true,\"event\":\"" + name + "\",\"properties\":{}",
        List.of());
  }

  /** Sets traits now. */
  void identify(ProfileId home, String traits) {
    jdbc.sql(
            "update profile.home set traits = jsonb_strip_nulls(traits || ?::jsonb) where profile_id = ?")
        .params(traits, home.uuid())
        .update();
    List<String> keys = new ArrayList<>();
    Json.MAPPER.readTree(traits).propertyNames().forEach(keys::add);
    happen(home, "identify", null, clock.instant(), "\"traits\":" + traits, keys);
  }

  private String happen(
      ProfileId home,
      String type,
      @Nullable String name,
      Instant at,
      String part,
      List<String> traitKeys) {
    String messageId = "m" + numbers.incrementAndGet();
    String json =
        """
        {"workspaceId":"%s","sourceId":"src_1","type":"%s","messageId":"%s","timestamp":"%s","receivedAt":"%s",%s}
        """
            .formatted(WORKSPACE, type, messageId, at, clock.instant(), part)
            .strip();
    jdbc.sql(
            "insert into profile.happened values (?, ?, ?::timestamptz, ?::timestamptz, ?, ?, ?, 'src_1', ?::jsonb)")
        .params(
            Arrays.asList(
                WORKSPACE,
                home.uuid(),
                at.toString(),
                clock.instant().toString(),
                messageId,
                type,
                name,
                json))
        .update();
    CollectedEvent event = CollectedEvent.decode(json.getBytes(StandardCharsets.UTF_8));
    queue(new ProfileEvent(rootOf(home), home, numbers.get(), traitKeys, event));
    return messageId;
  }

  /** Makes {@code from} and what it holds part of {@code into}. */
  void merge(ProfileId from, ProfileId into) {
    jdbc.sql("update profile.home set canonical_id = ? where canonical_id = ?")
        .params(into.uuid(), from.uuid())
        .update();
    queue(
        new ProfileRelinked(
            WORKSPACE,
            from,
            into,
            from,
            numbers.incrementAndGet(),
            "mrg_1",
            "test",
            clock.instant()));
  }

  /** Makes {@code home} stand for itself again. */
  void split(ProfileId home) {
    ProfileId before = rootOf(home);
    jdbc.sql("update profile.home set canonical_id = profile_id where profile_id = ?")
        .param(home.uuid())
        .update();
    queue(
        new ProfileRelinked(
            WORKSPACE,
            home,
            home,
            before,
            numbers.incrementAndGet(),
            "mrg_1",
            "test",
            clock.instant()));
  }

  /** Erases a person with these homes; each has its own record. */
  void erase(ProfileId... homes) {
    for (ProfileId id : homes) {
      jdbc.sql("delete from profile.happened where profile_id = ?").param(id.uuid()).update();
      jdbc.sql("delete from profile.home where profile_id = ?").param(id.uuid()).update();
      jdbc.sql("insert into profile.v_privacy_request values (?, 'prq_1', 'erase', ?)")
          .params(WORKSPACE, id.uuid())
          .update();
      queue(new ProfileErased(WORKSPACE, id, "prq_1", clock.instant()));
    }
  }

  void queue(ProfileChange change) {
    waiting.add(
        new InputRecord(
            "profile.changes",
            0,
            numbers.incrementAndGet(),
            change.key().toString(),
            change.encode(),
            clock.instant()));
  }

  /** Applies all that waits, as one batch. */
  void deliver() {
    List<InputRecord> batch = List.copyOf(waiting);
    waiting.clear();
    apply(batch);
  }

  void apply(List<InputRecord> batch) {
    commit(connection -> stage.apply(connection, batch));
  }

  int tick() {
    try {
      return timers.tick();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  void pass(Duration time) {
    clock.advance(time);
  }

  Set<ProfileId> members(String segmentId) {
    return new TreeSet<>(
        jdbc.sql("select profile_id from segment.v_membership where segment_id = ?")
            .param(segmentId)
            .query((row, _) -> new ProfileId(row.getObject(1, UUID.class)))
            .list());
  }

  /** What the stored condition selects now by SQL. */
  Set<ProfileId> selected(String segmentId) {
    String json =
        jdbc.sql("select condition::text from segment.segment where segment_id = ?")
            .param(segmentId)
            .query(String.class)
            .single();
    Sql sql = ConditionSql.compile(condition(json), WORKSPACE, clock.instant());
    return new TreeSet<>(
        jdbc.sql(sql.text())
            .params(sql.binds())
            .query((row, _) -> new ProfileId(row.getObject(1, UUID.class)))
            .list());
  }

  /** The crossings of a profile in order: change, reason and time. */
  List<String> history(String segmentId, ProfileId profile) {
    return jdbc.sql(
            """
            select change || ' ' || reason, at from segment.transition
            where segment_id = ? and profile_id = ? order by id
            """)
        .params(segmentId, profile.uuid())
        .query((row, _) -> row.getString(1) + " " + row.getTimestamp(2).toInstant())
        .list();
  }

  List<String> crossings(String segmentId, ProfileId profile) {
    return history(segmentId, profile).stream()
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .toList();
  }

  long count(String table) {
    return jdbc.sql("select count(*) from " + table).query(Long.class).single();
  }

  Connection open() throws SQLException {
    return dataSource.getConnection();
  }
}
