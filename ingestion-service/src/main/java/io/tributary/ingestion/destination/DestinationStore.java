package io.tributary.ingestion.destination;

import io.tributary.ingestion.admin.Changes;
import io.tributary.stream.LogReader.Place;
import io.tributary.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Destinations with their places in the log; with what is undelivered, and what was counted. */
final class DestinationStore {
  /** How many a workspace can have. */
  static final int MAX = 50;

  /** How long a worker may be silent before another one takes over. */
  static final Duration LEASE = Duration.ofSeconds(30);

  private static final String COLUMNS =
      """
      destination_id, workspace_id, name, definition, secret, old_secret, old_until, state, problem,
      version, turn, delivered_at, failed_at, failure, epoch, created_at, updated_at
      """;
  private static final String ONE =
      "select "
          + COLUMNS
          + " from ingestion.destination where workspace_id = :workspace and destination_id = :id";
  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final LetterStore letters;
  private final CountStore counts;

  DestinationStore(DataSource dataSource, TransactionTemplate transaction) {
    this.jdbc = JdbcClient.create(dataSource);
    this.transaction = transaction;
    this.letters = new LetterStore(jdbc);
    this.counts = new CountStore(jdbc);
  }

  /** What is undelivered. */
  LetterStore letters() {
    return letters;
  }

  /** What has been counted. */
  CountStore counts() {
    return counts;
  }

  /**
   * What a worker has done since it last said so.
   *
   * @param places where it is in the log, of the partitions where that has changed
   * @param received what it could have sent, beside what was undelivered
   * @param delivered of what wasn't undelivered before
   * @param made letters that are new; their ids count nothing
   * @param gone letters that were delivered
   * @param dropped letters that may no longer be delivered
   * @param changed letters that were tried in vain
   * @param attempts that were made
   * @param times how many of those that were answered took how long
   * @param failure of the last attempt that failed
   * @param recovered whether the receiver was down before: then what waits is due
   * @param stopped why it can't go on; null if it can
   */
  record Done(
      List<Place> places,
      long received,
      long filtered,
      long delivered,
      List<Letter> made,
      List<Letter> gone,
      List<Letter> dropped,
      List<Letter> changed,
      long attempts,
      long[] times,
      @Nullable String failure,
      boolean recovered,
      @Nullable String stopped) {}

  /** What a worker has to know after each step. */
  record Standing(
      long version, long turn, long epoch, Destination.State state, long waiting, long failed) {
    /** Whether a worker may go on as it has begun. */
    boolean fits(Destination claimed) {
      return state == Destination.State.RUNNING
          && version == claimed.version()
          && turn == claimed.turn()
          && epoch == claimed.epoch();
    }
  }

  /**
   * Stores a destination that goes on from these places.
   *
   * @return empty if the workspace has as many as it can have
   */
  Optional<Destination> create(Destination made, List<Place> places) {
    Changes.oneAtATime(jdbc, made.workspaceId());
    long others =
        jdbc.sql("select count(*) from ingestion.destination where workspace_id = :workspace")
            .param("workspace", made.workspaceId())
            .query(Long.class)
            .single();
    if (others >= MAX) {
      return Optional.empty();
    }
    jdbc.sql(
            """
            insert into ingestion.destination
                (destination_id, workspace_id, name, definition, secret, created_at, updated_at)
            values (:id, :workspace, :name, :definition, :secret, :at, :at)
            """)
        .param("id", made.id())
        .param("workspace", made.workspaceId())
        .param("name", made.name())
        .param("definition", made.definition())
        .param("secret", made.secret())
        .param("at", utc(made.createdAt()))
        .update();
    place(made.id(), places);
    return find(made.workspaceId(), made.id());
  }

  Optional<Destination> find(String workspaceId, String id) {
    return one(ONE, workspaceId, id);
  }

  private Optional<Destination> one(String sql, String workspaceId, String id) {
    return jdbc.sql(sql)
        .param("workspace", workspaceId)
        .param("id", id)
        .query(DestinationStore::destination)
        .optional();
  }

  /** Those behind an id, by id. */
  List<Destination> page(String workspaceId, String after, int limit) {
    return jdbc.sql(
            "select "
                + COLUMNS
                + """
                 from ingestion.destination where workspace_id = :workspace and destination_id > :after
                order by destination_id limit :limit
                """)
        .param("workspace", workspaceId)
        .param("after", after)
        .param("limit", limit)
        .query(DestinationStore::destination)
        .list();
  }

  /**
   * Holds a destination while the work changes it; the caller's transaction, if there is one.
   *
   * @throws Problem 404 if there is none
   */
  Destination change(String workspaceId, String id, Consumer<Destination> work) {
    return Objects.requireNonNull(
        transaction.execute(_ -> {
          Destination held =
              one(ONE + " for no key update", workspaceId, id).orElseThrow(() -> unknown(id));
          work.accept(held);
          return find(workspaceId, id).orElse(held);
        }));
  }

  static Problem unknown(String id) {
    return Problem.notFound("There is no destination " + id + ".");
  }

  /** Defines a held one anew. */
  void redefine(String id, String name, String definition, String secret, Instant now) {
    jdbc.sql(
            """
            update ingestion.destination
            set name = :name, definition = :definition, secret = :secret, version = version + 1, updated_at = :now
            where destination_id = :id
            """)
        .param("id", id)
        .param("name", name)
        .param("definition", definition)
        .param("secret", secret)
        .param("now", utc(now))
        .update();
  }

  /** Lets a held one be signed by another secret, for a while by both. */
  void resecret(String id, String secret, Instant oldUntil, Instant now) {
    jdbc.sql(
            """
            update ingestion.destination
            set old_secret = secret, old_until = :until, secret = :secret, version = version + 1,
                updated_at = :now
            where destination_id = :id
            """)
        .param("id", id)
        .param("secret", secret)
        .param("until", utc(oldUntil))
        .param("now", utc(now))
        .update();
  }

  /** Sets whether a held one delivers anything. */
  void turn(String id, Destination.State state, Instant now) {
    jdbc.sql(
            """
            update ingestion.destination set state = :state, problem = null, updated_at = :now
            where destination_id = :id
            """)
        .param("id", id)
        .param("state", state.wire())
        .param("now", utc(now))
        .update();
  }

  /** Has a held one go on from other places; whoever works on it doesn't any more. */
  void rewind(String id, Collection<Place> places) {
    jdbc.sql(
            """
            update ingestion.destination
            set epoch = epoch + 1, worker = null, lease_until = null where destination_id = :id
            """)
        .param("id", id)
        .update();
    place(id, places);
  }

  void delete(String id) {
    jdbc.sql("delete from ingestion.destination where destination_id = :id")
        .param("id", id)
        .update();
  }

  private void place(String id, Collection<Place> places) {
    if (places.isEmpty()) {
      return;
    }
    jdbc.sql(
            """
            insert into ingestion.destination_position
                (destination_id, topic, partition, topic_id, next_offset)
            select :id, topic, partition, topic_id, next
            from unnest(:topics::text[], :partitions::int[], :topicIds::text[], :nexts::bigint[])
                as p(topic, partition, topic_id, next)
            on conflict (destination_id, topic, partition) do update
            set topic_id = excluded.topic_id, next_offset = excluded.next_offset
            """)
        .param("id", id)
        .param("topics", places.stream().map(Place::topic).toArray(String[]::new))
        .param("partitions", places.stream().map(Place::partition).toArray(Integer[]::new))
        .param("topicIds", places.stream().map(Place::topicId).toArray(String[]::new))
        .param("nexts", places.stream().map(Place::next).toArray(Long[]::new))
        .update();
  }

  /** Where one goes on. */
  List<Place> places(String id) {
    return jdbc.sql(
            """
            select topic, partition, topic_id, next_offset from ingestion.destination_position
            where destination_id = :id
            """)
        .param("id", id)
        .query((row, n) ->
            new Place(row.getString(1), row.getInt(2), row.getString(3), row.getLong(4)))
        .list();
  }

  /** Takes a running destination that nobody works on. */
  Optional<Destination> claim(String worker, Instant now) {
    return jdbc.sql(
            """
            update ingestion.destination
            set worker = :worker, lease_until = :until, epoch = epoch + 1
            where destination_id = (
                select destination_id from ingestion.destination
                where state = 'running' and (lease_until is null or lease_until < :now)
                order by lease_until nulls first, destination_id
                for update skip locked limit 1)
            returning
            """
                + COLUMNS)
        .param("worker", worker)
        .param("until", utc(now.plus(LEASE)))
        .param("now", utc(now))
        .query(DestinationStore::destination)
        .optional();
  }

  /** Which claim of which destination. */
  record Held(String id, long epoch) {}

  /**
   * Says that workers are alive.
   *
   * @return those of the claims that hold still, of destinations that are running
   */
  Set<Held> renew(Collection<Held> claims, Instant now) {
    if (claims.isEmpty()) {
      return Set.of();
    }
    return Set.copyOf(
        jdbc.sql(
                """
                update ingestion.destination d set lease_until = :until
                from unnest(:ids::text[], :epochs::bigint[]) as h(id, epoch)
                where d.destination_id = h.id and d.epoch = h.epoch and d.state = 'running'
                  and d.worker is not null
                returning d.destination_id, d.epoch
                """)
            .param("ids", claims.stream().map(Held::id).toArray(String[]::new))
            .param("epochs", claims.stream().map(Held::epoch).toArray(Long[]::new))
            .param("until", utc(now.plus(LEASE)))
            .query((row, n) -> new Held(row.getString(1), row.getLong(2)))
            .list());
  }

  /** Lets another one go on, at once or after a while. */
  void release(Destination claimed, @Nullable Instant notBefore) {
    jdbc.sql(
            """
            update ingestion.destination set worker = null, lease_until = :until
            where destination_id = :id and epoch = :epoch
            """)
        .param("until", notBefore == null ? null : utc(notBefore), Types.TIMESTAMP_WITH_TIMEZONE)
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  /** Stops a destination, unless it isn't the worker's any more. */
  void halt(Destination claimed, String problem) {
    jdbc.sql(
            """
            update ingestion.destination set state = 'stopped', problem = :problem
            where destination_id = :id and epoch = :epoch and state = 'running'
            """)
        .param("problem", problem)
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  /** How it stands with one. */
  Standing standing(Destination claimed) {
    return jdbc.sql(
            """
            select version, turn, epoch, state,
                (select count(*) from ingestion.undelivered u
                 where u.destination_id = d.destination_id and u.state = 'waiting'),
                (select count(*) from ingestion.undelivered u
                 where u.destination_id = d.destination_id and u.state = 'failed')
            from ingestion.destination d where destination_id = :id
            """)
        .param("id", claimed.id())
        .query((row, n) ->
            new Standing(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                Destination.State.parse(row.getString(4)),
                row.getLong(5),
                row.getLong(6)))
        .single();
  }

  /**
   * Notes what the worker of this epoch has done, all of it or nothing.
   *
   * @return empty if the destination isn't its any more
   */
  Optional<Standing> note(Destination claimed, Done done, Instant now) {
    return Objects.requireNonNull(
        transaction.execute(_ -> {
          if (!isHeld(claimed, done, now)) {
            return Optional.empty();
          }
          place(claimed.id(), done.places());
          long dropped =
              letters.remove(done.dropped()) + (long) letters.replaced(claimed, done.made());
          dropped += done.made().size() - (long) letters.insert(claimed, done.made());
          CountStore.Increment more =
              new CountStore.Increment(
                  done.received(),
                  done.filtered(),
                  done.delivered() + letters.remove(done.gone()),
                  dropped,
                  done.attempts(),
                  done.times());
          letters.change(done.changed());
          if (done.recovered()) {
            letters.hasten(claimed.id(), now);
          }
          counts.add(claimed.id(), more, now);
          return Optional.of(standing(claimed));
        }));
  }

  private boolean isHeld(Destination claimed, Done done, Instant now) {
    boolean delivered = done.delivered() > 0 || !done.gone().isEmpty();
    return jdbc.sql(
                """
                update ingestion.destination
                set delivered_at = case when :delivered then :now else delivered_at end,
                    failed_at = case when :failure::text is null then failed_at else :now end,
                    failure = coalesce(:failure, failure),
                    state = case when :stopped::text is null or version <> :version then state
                                 else 'stopped' end,
                    problem = case when version = :version then coalesce(:stopped, problem) else problem end
                where destination_id = :id and epoch = :epoch
                """)
            .param("delivered", delivered)
            .param("now", utc(now))
            .param("failure", done.failure(), Types.VARCHAR)
            .param("stopped", done.stopped(), Types.VARCHAR)
            .param("version", claimed.version())
            .param("id", claimed.id())
            .param("epoch", claimed.epoch())
            .update()
        == 1;
  }

  static OffsetDateTime utc(Instant at) {
    return at.atOffset(ZoneOffset.UTC);
  }

  private static Destination destination(ResultSet row, int number) throws SQLException {
    return new Destination(
        row.getString("destination_id"),
        row.getString("workspace_id"),
        row.getString("name"),
        row.getString("definition"),
        row.getString("secret"),
        row.getString("old_secret"),
        instant(row, "old_until"),
        Destination.State.parse(row.getString("state")),
        row.getString("problem"),
        row.getLong("version"),
        row.getLong("turn"),
        instant(row, "delivered_at"),
        instant(row, "failed_at"),
        row.getString("failure"),
        row.getLong("epoch"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
