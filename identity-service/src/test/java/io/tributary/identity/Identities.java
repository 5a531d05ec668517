package io.tributary.identity;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tributary.event.CollectedEvent;
import io.tributary.event.EventDraft;
import io.tributary.event.EventType;
import io.tributary.event.IdentityRecord;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.IdentityRecord.ResolvedEvent;
import io.tributary.event.RawJson;
import io.tributary.event.Topics;
import io.tributary.identity.feed.Deciding;
import io.tributary.identity.feed.IdentityFeed;
import io.tributary.identity.resolve.Extraction;
import io.tributary.identity.resolve.NewIds;
import io.tributary.identity.store.FactStore;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.Failure;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.testing.MutableClock;
import io.tributary.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The service's database and feeds, cranked by hand. */
public final class Identities {
  /** The workspace of the events. */
  public static final String WORKSPACE = "ws_1";

  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private final DataSource dataSource;
  private final MutableClock clock = MutableClock.at("2026-03-02T12:00:00.123456789Z");
  private final AtomicLong position = new AtomicLong();
  private final IdentityFeed feed = newFeed();

  private static final class Shared {
    static final DataSource DATABASE = migrated();
  }

  private Identities(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** An empty graph in the database that the tests of this JVM use one after another. */
  public static Identities create() {
    Identities identities = new Identities(Shared.DATABASE);
    identities
        .sql()
        .sql(
            """
            delete from identity.node;
            delete from identity.identifier;
            delete from identity.merge;
            delete from identity.veto;
            delete from identity.refused_link;
            delete from identity.workspace_epoch;
            delete from identity.privacy_receipt;
            delete from identity.message;
            delete from identity.duplicate;
            delete from identity.quarantine;
            delete from identity.control_total;
            delete from identity.change_log;
            delete from identity.change_counter;
            delete from identity.idempotency;
            """)
        .update();
    return identities;
  }

  /** An empty graph in a database of its own. */
  public static Identities createApart() {
    return new Identities(migrated());
  }

  private static DataSource migrated() {
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(TestPostgres.freshDatabase().dataSource());
    pool.setMaximumPoolSize(30);
    pool.setMinimumIdle(0);
    HikariDataSource dataSource = new HikariDataSource(pool);
    Flyway.configure()
        .dataSource(dataSource)
        .locations("classpath:db/migration/identity", "classpath:db/stream", "classpath:db/web")
        .defaultSchema("identity")
        .schemas("identity")
        .load()
        .migrate();
    return dataSource;
  }

  /** Where it lies. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** The time. */
  public MutableClock clock() {
    return clock;
  }

  /** For looking into tables. */
  public JdbcClient sql() {
    return JdbcClient.create(dataSource);
  }

  /** A log of links like the service's. */
  public static ChangeLog changeLog() {
    return new ChangeLog("identity", "links", 1);
  }

  /** Another process of the service, with a cache of its own. */
  public IdentityFeed newFeed() {
    return new IdentityFeed(
        new Extraction("DE"), new Deciding(new FactStore(10_000), NewIds.UNIQUE), clock);
  }

  /** One event to be; minutes count from the start. */
  public static final class Draft {
    private EventType type = EventType.TRACK;
    private String workspace = WORKSPACE;
    private String messageId = "m-" + UUID.randomUUID();
    private int minute;
    private @Nullable String userId;
    private @Nullable String anonymousId;
    private @Nullable String previousId;
    private @Nullable String groupId;
    private @Nullable String traits;
    private @Nullable String context;

    /** In another workspace. */
    public Draft in(String id) {
      workspace = id;
      return this;
    }

    /** With a message id of its own choice. */
    public Draft message(String id) {
      messageId = id;
      return this;
    }

    /** So many minutes after the start. */
    public Draft at(int minutes) {
      minute = minutes;
      return this;
    }

    /** Of a user. */
    public Draft user(String id) {
      userId = id;
      return this;
    }

    /** On a device. */
    public Draft device(String id) {
      anonymousId = id;
      return this;
    }

    /** An identify call with an e-mail address. */
    public Draft email(String address) {
      return traits(EventType.IDENTIFY, "{\"email\":\"" + address + "\"}");
    }

    /** A call with traits. */
    public Draft traits(EventType call, String json) {
      type = call;
      traits = json;
      return this;
    }

    /** With a context. */
    public Draft context(String json) {
      context = json;
      return this;
    }

    /** An alias call. */
    public Draft previous(String id) {
      type = EventType.ALIAS;
      previousId = id;
      return this;
    }

    /** A group call. */
    public Draft group(String id) {
      type = EventType.GROUP;
      groupId = id;
      return this;
    }

    /** The event. */
    public CollectedEvent build() {
      return new EventDraft(
              workspace,
              "src_1",
              type,
              messageId,
              userId,
              anonymousId,
              previousId,
              groupId,
              type == EventType.TRACK ? "Seen" : null,
              null,
              START.plusSeconds(60L * minute),
              null,
              null,
              START.plusSeconds(60L * minute + 1),
              traits == null ? null : RawJson.of(traits),
              null,
              context == null ? null : RawJson.of(context),
              null,
              Map.of())
          .collect();
    }
  }

  /** An event to be filled in. */
  public static Draft event() {
    return new Draft();
  }

  /** The event's record at the next place of partition 0. */
  public InputRecord record(Draft draft) {
    return record(draft.build().json().toBytes());
  }

  /** Any bytes as the record at the next place of partition 0. */
  public InputRecord record(byte[] value) {
    return new InputRecord(
        Topics.INGESTION_EVENTS, 0, position.getAndIncrement(), "", value, clock.instant());
  }

  /** The same record as it would lie at a later place. */
  public InputRecord again(InputRecord record) {
    return record(record.value());
  }

  /** Applies one batch with the feed. */
  public List<Output> apply(Draft... drafts) {
    return apply(List.of(drafts).stream().map(this::record).toList());
  }

  /** Applies one batch with the feed. */
  public List<Output> apply(List<InputRecord> records) {
    return apply(feed, records);
  }

  /** Applies one batch as the loop would: again after a race, with any other error thrown. */
  public List<Output> apply(IdentityFeed by, List<InputRecord> records) {
    while (true) {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        List<Output> outputs = by.apply(connection, records);
        connection.commit();
        return outputs; // Without a commit the pool rolls back.
      } catch (SQLException e) {
        if (Failure.of(e) != Failure.RACE) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** Says again what was said about records. */
  public List<Output> reemit(List<InputRecord> records) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      List<Output> outputs = newFeed().reemit(connection, records);
      connection.rollback();
      return outputs;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The home of a single event. */
  public UUID home(Draft draft) {
    return events(apply(draft)).getFirst().profileId().uuid();
  }

  /** The events among outputs. */
  public static List<ResolvedEvent> events(List<Output> outputs) {
    return decoded(outputs, ResolvedEvent.class);
  }

  /** The links among outputs. */
  public static List<ProfileLink> links(List<Output> outputs) {
    return decoded(outputs, ProfileLink.class);
  }

  private static <R extends IdentityRecord> List<R> decoded(List<Output> outputs, Class<R> kind) {
    return outputs.stream()
        .map(output -> IdentityRecord.decode(output.value()))
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  /** The root of a home. */
  public UUID root(UUID home) {
    return sql()
        .sql("select canonical_id from identity.node where profile_id = :id")
        .param("id", home)
        .query(UUID.class)
        .single();
  }

  /** The one merge of a profile as absorbed one. */
  public String mergeOf(UUID absorbed) {
    return sql()
        .sql("select merge_id from identity.merge where absorbed_id = :id and split_at is null")
        .param("id", absorbed)
        .query(String.class)
        .single();
  }

  /** How many rows a table or a part of it has. */
  public long count(String from) {
    Optional<Long> count =
        sql().sql("select count(*) from identity." + from).query(Long.class).optional();
    return Objects.requireNonNull(count.orElse(0L));
  }
}
