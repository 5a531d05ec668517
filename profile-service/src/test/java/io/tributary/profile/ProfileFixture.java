package io.tributary.profile;

import io.tributary.event.CollectedEvent;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.IdentityRecord.ResolvedEvent;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.profile.feed.ProfileStage;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A profile store of its own, cranked by hand. */
public final class ProfileFixture {
  public static final String WORKSPACE = "ws_a";
  public static final Instant T0 = Instant.parse("2026-11-01T10:00:00Z");

  private static final AtomicLong OFFSETS = new AtomicLong();

  public final TestDatabase database = TestPostgres.freshDatabase();
  public final DataSource dataSource = database.dataSource();
  public final JdbcClient sql = JdbcClient.create(dataSource);
  public final ProfileStage stage = new ProfileStage();

  public ProfileFixture() {
    Flyway.configure()
        .dataSource(dataSource)
        .defaultSchema("profile")
        .locations("classpath:db/migration/profile", "classpath:db/stream", "classpath:db/web")
        .load()
        .migrate();
  }

  /** A profile id that sorts by its number. */
  public static ProfileId profile(int number) {
    return new ProfileId(new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0000L | number));
  }

  public static Instant at(long seconds) {
    return T0.plusSeconds(seconds);
  }

  /** An event of a home; {@code fields} are further JSON fields, each with a comma before. */
  public static InputRecord event(
      ProfileId home, String type, String messageId, long seconds, String fields) {
    return event(WORKSPACE, home, type, messageId, seconds, fields);
  }

  public static InputRecord event(
      String workspace,
      ProfileId home,
      String type,
      String messageId,
      long seconds,
      String fields) {
    String json =
        """
        {"workspaceId":"%s","sourceId":"src_1","type":"%s","messageId":"%s","userId":"u1",\
        "timestamp":"%s","receivedAt":"%s"%s}\
        """
            .formatted(workspace, type, messageId, at(seconds), at(1_000_000), fields);
    CollectedEvent event = CollectedEvent.decode(json.getBytes(StandardCharsets.UTF_8));
    return record(new ResolvedEvent(home, home, event).encode());
  }

  public static InputRecord identify(
      ProfileId home, String messageId, long seconds, String traits) {
    return event(home, "identify", messageId, seconds, ",\"traits\":" + traits);
  }

  public static InputRecord track(ProfileId home, String messageId, long seconds, String name) {
    return event(home, "track", messageId, seconds, ",\"event\":\"" + name + "\"");
  }

  public static InputRecord link(
      ProfileId id, @Nullable ProfileId into, ProfileId key, long version) {
    return record(
        new ProfileLink(
                WORKSPACE,
                id,
                into,
                key,
                version,
                "mrg_" + version,
                "same userId",
                at(500_000 + version))
            .encode());
  }

  public static InputRecord merge(ProfileId id, ProfileId into, long version) {
    return link(id, into, into, version);
  }

  public static InputRecord record(byte[] value) {
    return new InputRecord(Topics.IDENTITY_EVENTS, 0, OFFSETS.incrementAndGet(), "key", value, T0);
  }

  public List<ProfileChange> apply(InputRecord... records) {
    return changes(inTransaction(connection -> stage.apply(connection, List.of(records))));
  }

  public List<ProfileChange> reemit(InputRecord... records) {
    return changes(inTransaction(connection -> stage.reemit(connection, List.of(records))));
  }

  private static List<ProfileChange> changes(List<Output> outputs) {
    return outputs.stream().map(output -> ProfileChange.decode(output.value())).toList();
  }

  /** What is done with a connection. */
  @FunctionalInterface
  public interface Work<T> {
    T in(Connection connection) throws SQLException;
  }

  public <T> T inTransaction(Work<T> work) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      T result = work.in(connection);
      connection.commit();
      return result;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  public String text(String query, Object... params) {
    return sql.sql(query)
        .params(params)
        .query((row, n) -> String.valueOf(row.getObject(1)))
        .single();
  }

  public long number(String query, Object... params) {
    return sql.sql(query).params(params).query(Long.class).single();
  }

  /** What a reader sees of a root, as one line. */
  public String person(ProfileId root) {
    return text(
        """
        select traits::text || ' ' || event_count || ' ' || cardinality(homes)
        from profile.v_profile where workspace_id = ? and profile_id = ? and is_root
        """,
        WORKSPACE,
        root.uuid());
  }

  public ProfileId canonical(ProfileId id) {
    return new ProfileId(
        sql.sql(
                "select canonical_id from profile.profile where workspace_id = ? and profile_id = ?")
            .params(WORKSPACE, id.uuid())
            .query(UUID.class)
            .single());
  }
}
