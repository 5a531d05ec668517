package io.tributary.ingestion.destination;

import io.tributary.event.ProfileId;
import io.tributary.stream.LogReader.Place;
import io.tributary.web.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.transaction.support.TransactionTemplate;

/** Destinations with their places in the log, what is undelivered, and their counts. */
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
  private static final String LETTER =
      """
      letter_id, profile_id, home_id, message_id, type, body, attempts, problem, made_at, due_at,
      tried_at, state
      """;

  private static final String ADD =
      """
      on conflict (destination_id, hour) do update
      set received = h.received + excluded.received, filtered = h.filtered + excluded.filtered,
          delivered = h.delivered + excluded.delivered, discarded = h.discarded + excluded.discarded,
          attempts = h.attempts + excluded.attempts,
          times = (select array_agg(coalesce(a, 0) + coalesce(b, 0) order by n)
                   from unnest(h.times, excluded.times) with ordinality as t(a, b, n))
      """;

  /** Counts what {@code gone} names, by its destinations. */
  static final String COUNT_GONE =
      """
      insert into ingestion.destination_hour as h (destination_id, hour, discarded, times)
      select destination_id, date_trunc('hour', now(), 'UTC'), count(*),
             array_fill(0::bigint, array[:size::int])
      from gone group by destination_id
      """
          + ADD;

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;

  DestinationStore(DataSource dataSource, TransactionTemplate transaction) {
    this.jdbc = JdbcClient.create(dataSource);
    this.transaction = transaction;
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
   * Sums of counts.
   *
   * @param retrying waiting for another attempt
   * @param failed not tried any more
   */
  record Counts(
      long received,
      long filtered,
      long delivered,
      long retrying,
      long failed,
      long discarded,
      long attempts,
      Times times) {}

  /**
   * Stores a destination that goes on from these places.
   *
   * @return empty if the workspace has as many as it can have
   */
  Optional<Destination> create(Destination made, List<Place> places) {
    // One at a time, or two could both be the last that is allowed.
    jdbc.sql("select 1 from access.workspace where workspace_id = :workspace for update")
        .param("workspace", made.workspaceId())
        .query()
        .listOfRows();
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
  void redefine(String id, String name, String definition, Instant now) {
    jdbc.sql(
            """
            update ingestion.destination
            set name = :name, definition = :definition, version = version + 1, updated_at = :now
            where destination_id = :id
            """)
        .param("id", id)
        .param("name", name)
        .param("definition", definition)
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
          long dropped = remove(done.dropped()) + (long) replaced(claimed, done.made());
          dropped += done.made().size() - (long) insert(claimed, done.made());
          Increment more =
              new Increment(
                  done.received(),
                  done.filtered(),
                  done.delivered() + remove(done.gone()),
                  dropped,
                  done.attempts(),
                  done.times());
          change(done.changed());
          if (done.recovered()) {
            hasten(claimed.id(), now);
          }
          count(claimed.id(), more, now);
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

  /** A message that is told anew takes the place of itself. */
  private int replaced(Destination claimed, List<Letter> letters) {
    return letters.isEmpty()
        ? 0
        : jdbc.sql(
                """
                delete from ingestion.undelivered
                where destination_id = :id and message_id = any(:messages)
                """)
            .param("id", claimed.id())
            .param("messages", letters.stream().map(l -> l.message().id()).toArray(String[]::new))
            .update();
  }

  private int insert(Destination claimed, List<Letter> letters) {
    if (letters.isEmpty()) {
      return 0;
    }
    return jdbc.sql(
            """
            insert into ingestion.undelivered
                (destination_id, workspace_id, message_id, profile_id, home_id, type, body, state,
                 attempts, problem, made_at, due_at, tried_at)
            select :id, :workspace, message_id, profile_id, home_id, type, body, state, attempts,
                   problem, made_at, due_at, tried_at
            from unnest(:messages::text[], :profiles::uuid[], :homes::uuid[], :types::text[], :bodies,
                        :states::text[], :attempts::int[], :problems::text[], :made::timestamptz[],
                        :due::timestamptz[], :tried::timestamptz[])
                with ordinality as l(message_id, profile_id, home_id, type, body, state, attempts,
                                     problem, made_at, due_at, tried_at, n)
            order by n
            on conflict (destination_id, message_id) do nothing
            """)
        .param("id", claimed.id())
        .param("workspace", claimed.workspaceId())
        .param("messages", letters.stream().map(l -> l.message().id()).toArray(String[]::new))
        .param(
            "profiles",
            letters.stream().map(l -> l.message().profile().uuid()).toArray(UUID[]::new))
        .param("homes", letters.stream().map(l -> l.message().home().uuid()).toArray(UUID[]::new))
        .param("types", letters.stream().map(l -> l.message().type()).toArray(String[]::new))
        .param(
            "bodies",
            new SqlArrayValue(
                "bytea",
                (Object[]) letters.stream().map(l -> l.message().body()).toArray(byte[][]::new)))
        .param("states", letters.stream().map(DestinationStore::state).toArray(String[]::new))
        .param("attempts", letters.stream().map(Letter::attempts).toArray(Integer[]::new))
        .param("problems", letters.stream().map(Letter::problem).toArray(String[]::new))
        .param("made", times(letters.stream().map(Letter::madeAt).toList()))
        .param("due", times(letters.stream().map(Letter::dueAt).toList()))
        .param("tried", times(letters.stream().map(Letter::triedAt).toList()))
        .update();
  }

  private static String state(Letter letter) {
    return letter.waiting() ? "waiting" : "failed";
  }

  private static String[] times(List<@Nullable Instant> times) {
    return times.stream().map(at -> at == null ? null : at.toString()).toArray(String[]::new);
  }

  private int remove(List<Letter> letters) {
    return letters.isEmpty()
        ? 0
        : jdbc.sql("delete from ingestion.undelivered where letter_id = any(:ids)")
            .param("ids", letters.stream().map(Letter::id).toArray(Long[]::new))
            .update();
  }

  private void change(List<Letter> letters) {
    if (!letters.isEmpty()) {
      jdbc.sql(
              """
              update ingestion.undelivered u
              set state = l.state, attempts = l.attempts, problem = l.problem, due_at = l.due_at,
                  tried_at = l.tried_at
              from unnest(:ids::bigint[], :states::text[], :attempts::int[], :problems::text[],
                          :due::timestamptz[], :tried::timestamptz[])
                  as l(letter_id, state, attempts, problem, due_at, tried_at)
              where u.letter_id = l.letter_id
              """)
          .param("ids", letters.stream().map(Letter::id).toArray(Long[]::new))
          .param("states", letters.stream().map(DestinationStore::state).toArray(String[]::new))
          .param("attempts", letters.stream().map(Letter::attempts).toArray(Integer[]::new))
          .param("problems", letters.stream().map(Letter::problem).toArray(String[]::new))
          .param("due", times(letters.stream().map(Letter::dueAt).toList()))
          .param("tried", times(letters.stream().map(Letter::triedAt).toList()))
          .update();
    }
  }

  /** What is added to the counts of an hour. */
  private record Increment(
      long received, long filtered, long delivered, long discarded, long attempts, long[] times) {
    static Increment discarded(long discarded) {
      return new Increment(0, 0, 0, discarded, 0, new long[Times.SIZE]);
    }

    boolean isNothing() {
      return received == 0 && delivered == 0 && discarded == 0 && attempts == 0;
    }
  }

  private void count(String id, Increment more, Instant now) {
    if (more.isNothing()) {
      return;
    }
    jdbc.sql(
            """
            insert into ingestion.destination_hour as h
                (destination_id, hour, received, filtered, delivered, discarded, attempts, times)
            values (:id, :hour, :received, :filtered, :delivered, :discarded, :attempts, :times)
            """
                + ADD)
        .param("id", id)
        .param("hour", utc(now.truncatedTo(ChronoUnit.HOURS)))
        .param("received", more.received())
        .param("filtered", more.filtered())
        .param("delivered", more.delivered())
        .param("discarded", more.discarded())
        .param("attempts", more.attempts())
        .param("times", new SqlArrayValue("bigint", Arrays.stream(more.times()).boxed().toArray()))
        .update();
  }

  /** Sums since a time. What is undelivered is as of now. */
  Counts counts(String id, Instant since) {
    return jdbc.sql(
            """
            with hours as (
                select * from ingestion.destination_hour where destination_id = :id and hour >= :since)
            select coalesce(sum(received), 0)::bigint, coalesce(sum(filtered), 0)::bigint,
                   coalesce(sum(delivered), 0)::bigint, coalesce(sum(discarded), 0)::bigint,
                   coalesce(sum(attempts), 0)::bigint,
                   (select count(*) from ingestion.undelivered
                    where destination_id = :id and state = 'waiting'),
                   (select count(*) from ingestion.undelivered
                    where destination_id = :id and state = 'failed'),
                   (select array_agg(c order by n)
                    from (select u.n, sum(u.c)::bigint as c
                          from hours h cross join unnest(h.times) with ordinality as u(c, n)
                          group by u.n) as t)
            from hours
            """)
        .param("id", id)
        .param("since", utc(since))
        .query((row, n) ->
            new Counts(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(6),
                row.getLong(7),
                row.getLong(4),
                row.getLong(5),
                new Times(
                    row.getArray(8) == null
                        ? List.of()
                        : List.of((Long[]) row.getArray(8).getArray()))))
        .single();
  }

  /** Sums up hours that nobody asks for by themselves any more. */
  void tidy(Instant before) {
    jdbc.sql(
            """
            with old as (
                delete from ingestion.destination_hour where hour < :before and hour > 'epoch' returning *)
            insert into ingestion.destination_hour as h
                (destination_id, hour, received, filtered, delivered, discarded, attempts, times)
            select destination_id, 'epoch', sum(received), sum(filtered), sum(delivered), sum(discarded),
                   sum(attempts),
                   (select array_agg(c order by n)
                    from (select u.n, sum(u.c)::bigint as c
                          from old m cross join unnest(m.times) with ordinality as u(c, n)
                          where m.destination_id = o.destination_id group by u.n) as t)
            from old o group by destination_id
            """
                + ADD)
        .param("before", utc(before))
        .update();
  }

  /** Takes away what is undelivered about people who were erased meanwhile. */
  int forget() {
    return jdbc.sql(
            """
            with gone as (
                delete from ingestion.undelivered u
                where u.type <> :erased and exists (
                    select from profile.v_privacy_block b
                    where b.workspace_id = u.workspace_id and b.kind = 'erased'
                      and b.profile_id in (u.profile_id, u.home_id))
                returning destination_id)
            """
                + COUNT_GONE)
        .param("erased", Selection.ERASED)
        .param("size", Times.SIZE)
        .update();
  }

  /** Of these profiles, those about whom messages wait. */
  Set<ProfileId> waiting(String id, Collection<ProfileId> profiles) {
    return jdbc
        .sql(
            """
            select distinct profile_id from ingestion.undelivered
            where destination_id = :id and state = 'waiting' and profile_id = any(:profiles)
            """)
        .param("id", id)
        .param("profiles", profiles.stream().map(ProfileId::uuid).toArray(UUID[]::new))
        .query((row, n) -> new ProfileId(row.getObject(1, UUID.class)))
        .list()
        .stream()
        .collect(Collectors.toSet());
  }

  /** Letters whose time has come, of each profile the first and those behind it. */
  List<Letter> due(String id, Instant now, int limit) {
    return jdbc.sql(
            """
            with heads as (
                select distinct on (profile_id) profile_id, due_at from ingestion.undelivered
                where destination_id = :id and state = 'waiting' order by profile_id, letter_id)
            select
            """
                + LETTER
                + """
                from ingestion.undelivered
                where destination_id = :id and state = 'waiting'
                  and profile_id in (select profile_id from heads where due_at <= :now)
                order by letter_id limit :limit
                """)
        .param("id", id)
        .param("now", utc(now))
        .param("limit", limit)
        .query(DestinationStore::letter)
        .list();
  }

  /** Of some people, by chance, the first letter that waits, due or not. */
  List<Letter> probes(String id, int people) {
    return jdbc.sql(
            "select "
                + LETTER
                + """
                 from ingestion.undelivered where letter_id in (
                    select letter_id
                    from (select distinct on (profile_id) letter_id from ingestion.undelivered
                          where destination_id = :id and state = 'waiting'
                          order by profile_id, letter_id) as heads
                    order by random() limit :people)
                """)
        .param("id", id)
        .param("people", people)
        .query(DestinationStore::letter)
        .list();
  }

  /** Makes due now what has failed once at most: it waits since the receiver was down. */
  private void hasten(String id, Instant now) {
    jdbc.sql(
            """
            update ingestion.undelivered set due_at = :now
            where destination_id = :id and state = 'waiting' and attempts <= 1 and due_at > :now
            """)
        .param("id", id)
        .param("now", utc(now))
        .update();
  }

  /** A page of what is undelivered, the oldest first. */
  List<Letter> undelivered(String id, boolean waiting, long after, int limit) {
    return jdbc.sql(
            "select "
                + LETTER
                + """
                 from ingestion.undelivered
                where destination_id = :id and state = :state and letter_id > :after
                order by letter_id limit :limit
                """)
        .param("id", id)
        .param("state", waiting ? "waiting" : "failed")
        .param("after", after)
        .param("limit", limit)
        .query(DestinationStore::letter)
        .list();
  }

  /** Has a held destination try failed messages again; all of them where none are named. */
  int retry(String id, @Nullable List<String> messages, Instant now) {
    // A receiver that was down is tried at once.
    jdbc.sql("update ingestion.destination set turn = turn + 1 where destination_id = :id")
        .param("id", id)
        .update();
    return jdbc.sql(
            """
            update ingestion.undelivered
            set state = 'waiting', attempts = 0, due_at = :now, made_at = :now
            where destination_id = :id and (state = 'failed' or due_at > :now)
              and (:messages::text[] is null or message_id = any(:messages))
            """)
        .param("id", id)
        .param("now", utc(now))
        .param("messages", messages == null ? null : messages.toArray(String[]::new), Types.ARRAY)
        .update();
  }

  /** Forgets messages of a held destination: those that are named, or all that have failed. */
  int discard(String id, @Nullable List<String> messages, Instant now) {
    int gone =
        jdbc.sql(
                """
                delete from ingestion.undelivered
                where destination_id = :id
                  and case when :messages::text[] is null then state = 'failed'
                           else message_id = any(:messages) end
                """)
            .param("id", id)
            .param(
                "messages", messages == null ? null : messages.toArray(String[]::new), Types.ARRAY)
            .update();
    count(id, Increment.discarded(gone), now);
    return gone;
  }

  private static OffsetDateTime utc(Instant at) {
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

  private static Letter letter(ResultSet row, int number) throws SQLException {
    return new Letter(
        row.getLong("letter_id"),
        new Message(
            row.getString("message_id"),
            new ProfileId(row.getObject("profile_id", UUID.class)),
            new ProfileId(row.getObject("home_id", UUID.class)),
            row.getString("type"),
            row.getBytes("body")),
        row.getInt("attempts"),
        row.getString("problem"),
        row.getObject("made_at", OffsetDateTime.class).toInstant(),
        row.getObject("due_at", OffsetDateTime.class).toInstant(),
        instant(row, "tried_at"),
        "waiting".equals(row.getString("state")));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
