package io.tributary.ingestion.destination;

import io.tributary.event.Ids;
import io.tributary.webhook.ForbiddenAddressException;
import io.tributary.webhook.GuardedSockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Fills tables of another Postgres, each message once: rows of what has happened are known by the
 * messages' ids, and what is as of now is written by one writer at a time.
 *
 * <p>A writer first takes the tables, and writes only what was read after that. So one that another
 * worker has taken the place of, and that goes on after a long sleep, either finds the tables taken
 * or has read what is newer than its place.
 */
final class PostgresReceiver implements Receiver {
  private static final int MOST = 500;
  private static final int CONNECT_SECONDS = 5;

  /** Less than is waited for, so that a statement that took too long has ended. */
  private static final String STATEMENT_LIMIT = "10s";

  /** After which nothing more is begun for those that are tried one by one. */
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final Duration RENEWED = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Pattern SQLSTATE = Pattern.compile("[0-9A-Z]{5}");
  private static final String TOO_SLOW = "57014";

  /** Classes of errors: data exception, integrity constraint violation, program limit exceeded. */
  private static final Set<String> FAULTS = Set.of("22", "23", "54");

  private static final String TABLES = resource("tables.sql");
  private static final String EVENTS =
      """
      insert into "SCHEMA".events
          (message_id, profile_id, home_id, event_id, type, event, user_id, anonymous_id, group_id,
           source_id, occurred_at, received_at, traits, properties, context)
      select m.id, coalesce(m.body #>> '{data,profileId}', m.home), m.home,
             coalesce(e ->> 'messageId', ''), coalesce(e ->> 'type', ''),
             coalesce(e ->> 'event', e ->> 'name'), e ->> 'userId', e ->> 'anonymousId', e ->> 'groupId',
             e ->> 'sourceId', coalesce(e ->> 'timestamp', m.body ->> 'timestamp')::timestamptz,
             (e ->> 'receivedAt')::timestamptz, e -> 'traits', e -> 'properties', e -> 'context'
      from unnest(?::text[], ?::jsonb[], ?::text[]) as m(id, body, home),
           lateral (select m.body #> '{data,event}' as e) as x
      on conflict (message_id) do nothing
      """;

  /** A person as of now, and the profiles that are part of it; those have nothing of their own. */
  private static final String STATES =
      """
      with m as (
          select m.body #>> '{data,profileId}' as root, m.body #> '{data,profile}' as p,
                 m.body #> '{data,profileIds}' as parts, (m.body ->> 'timestamp')::timestamptz as at, m.n
          from unnest(?::text[], ?::jsonb[], ?::text[]) with ordinality as m(id, body, home, n)),
      part as (
          select id, root, case when id = root then p else '{}' end as p, at, n
          from m, lateral (select root as id
                           union select jsonb_array_elements_text(parts)) as parts)
      insert into "SCHEMA".profiles (profile_id, canonical_id, user_id, traits, consent, changed_at)
      select distinct on (id) id, root, p ->> 'userId', coalesce(p -> 'traits', '{}'),
             coalesce(p -> 'consent', '{}'), at
      from part order by id, n desc
      on conflict (profile_id) do update
      set canonical_id = excluded.canonical_id, user_id = excluded.user_id, traits = excluded.traits,
          consent = excluded.consent, changed_at = excluded.changed_at
      """;

  /**
   * A change that is known changes nothing again. One that comes late undoes no later one: of one
   * person the numbers at the end of their ids go up. After a restore they begin lower again, but
   * later in time.
   */
  private static final String CROSSINGS =
      """
      with m as (
          select d ->> 'changeId' as change_id, substring(d ->> 'changeId' from '[0-9]{1,18}$')::bigint as change_no,
                 d ->> 'segmentId' as segment_id, (d ->> 'segmentVersion')::bigint as segment_version,
                 d ->> 'profileId' as profile_id, substr(m.body ->> 'type', 9) as change,
                 d ->> 'reason' as reason, d ->> 'messageId' as event_id,
                 (m.body ->> 'timestamp')::timestamptz as changed_at, m.n
          from unnest(?::text[], ?::jsonb[], ?::text[]) with ordinality as m(id, body, home, n),
               lateral (select m.body -> 'data' as d) as x),
      fresh as (
          insert into "SCHEMA".segment_changes
              (change_id, change_no, segment_id, segment_version, profile_id, change, reason, event_id,
               changed_at)
          select change_id, change_no, segment_id, segment_version, profile_id, change, reason, event_id,
                 changed_at
          from m order by n
          on conflict (change_id, profile_id, segment_id, change, changed_at) do nothing
          returning change_id, profile_id, segment_id, change, changed_at),
      last as (
          select distinct on (segment_id, profile_id) segment_id, profile_id, change, change_no, changed_at
          from m join fresh using (change_id, profile_id, segment_id, change, changed_at)
          order by segment_id, profile_id, n desc),
      counting as (
          select * from last l where not exists (
              select from "SCHEMA".segment_changes c
              where c.profile_id = l.profile_id and c.segment_id = l.segment_id
                and c.change_no > l.change_no and c.changed_at > l.changed_at)),
      gone as (
          delete from "SCHEMA".segment_members s using counting c
          where c.change = 'exited' and s.segment_id = c.segment_id and s.profile_id = c.profile_id)
      insert into "SCHEMA".segment_members (segment_id, profile_id, entered_at)
      select segment_id, profile_id, changed_at from counting where change = 'entered'
      on conflict (segment_id, profile_id) do update set entered_at = excluded.entered_at
      """;

  /** Each profile of a person is erased by itself; an event goes with the one that it came to. */
  private static final List<String> ERASURES =
      List.of(
          erasure("events", "home_id"),
          erasure("profiles", "profile_id"),
          erasure("segment_changes", "profile_id"),
          erasure("segment_members", "profile_id"));

  private static String erasure(String table, String column) {
    return "delete from \"SCHEMA\"."
        + table
        + " t using unnest(?::text[], ?::jsonb[], ?::text[]) as m(id, body, home) where t."
        + column
        + " = m.body #>> '{data,profileId}'";
  }

  private final String destinationId;
  private final Target.Tables target;
  private final PGSimpleDataSource source;
  private final String writer = Ids.create("wrt");
  private @Nullable Connection connection;
  private long connectedAt;
  private long usedAt;
  private boolean taken;

  /** It has been taken from us once; who takes turns with another one waits in between. */
  private boolean contested;

  /**
   * A receiver.
   *
   * @param allowed what the operator has allowed beside public addresses
   */
  PostgresReceiver(String destinationId, Target.Tables target, String password, String allowed) {
    this.destinationId = destinationId;
    this.target = target;
    this.source = source(target, password, allowed);
  }

  private static PGSimpleDataSource source(Target.Tables target, String password, String allowed) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {target.host()});
    source.setPortNumbers(new int[] {target.port()});
    source.setDatabaseName(target.database());
    source.setUser(target.user());
    source.setPassword(password);
    source.setApplicationName("Tributary");
    source.setSocketFactory(GuardedSockets.class.getName());
    source.setSocketFactoryArg(allowed);
    source.setSslMode(target.tls() ? "verify-full" : "disable");
    String ca = target.ca();
    if (target.tls()) {
      source.setSslfactory(
          ca == null
              ? "org.postgresql.ssl.DefaultJavaSSLFactory"
              : "org.postgresql.ssl.SingleCertValidatingFactory");
    }
    if (target.tls() && ca != null) {
      source.setSslFactoryArg(ca);
    }
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout((int) GuardedSockets.ANSWER.toSeconds());
    source.setGssEncMode("disable");
    source.setRequireAuth(target.tls() ? "scram-sha-256,md5,password" : "scram-sha-256,md5");
    source.setTcpKeepAlive(true);
    // Poolers between us and the server know no statements of a session.
    source.setPrepareThreshold(0);
    source.setPreferQueryMode(PreferQueryMode.EXTENDED);
    return source;
  }

  @Override
  public int most() {
    return MOST;
  }

  @Override
  public List<Outcome> deliver(List<Message> messages) {
    return deliver(messages, System.nanoTime() + LONG.toNanos());
  }

  private List<Outcome> deliver(List<Message> messages, long end) {
    try {
      Connection open = connection();
      if (!isMine(open)) {
        return all(messages, taken(open));
      }
      Optional<String> fault = written(open, messages);
      contested = false;
      if (fault.isEmpty()) {
        return all(messages, new Outcome.Delivered());
      }
      return messages.size() == 1
          ? List.of(new Outcome.Refused(fault.get()))
          : apart(messages, end);
    } catch (SQLException e) {
      Outcome failure = failure(e);
      close();
      return all(messages, failure);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** They were read before; by the next time what is as of now is read anew. */
  private Outcome taken(Connection open) throws SQLException {
    if (taken && contested) {
      open.rollback();
      taken = false;
      return new Outcome.Deferred("taken_by_another", Optional.empty(), true);
    }
    contested = taken;
    Optional<String> owner = take(open);
    return owner.isEmpty()
        ? new Outcome.Untried()
        : new Outcome.Deferred("schema_of_another_destination", Optional.empty(), true);
  }

  /** Writes them, all or none; or the code of why what one of them says can't be stored. */
  private Optional<String> written(Connection open, List<Message> messages) throws SQLException {
    try {
      write(open, messages);
      open.commit();
      return Optional.empty();
    } catch (SQLException e) {
      String state = state(e);
      boolean tooSlow = state.equals(TOO_SLOW) && messages.size() > 1;
      boolean fault = FAULTS.contains(state.substring(0, Math.min(2, state.length())));
      // That somebody is erased is no fault of the message's, whatever stands against it.
      if (tooSlow || (fault && (messages.size() > 1 || !isErasure(messages.getFirst())))) {
        open.rollback();
        return Optional.of("sql_" + state);
      }
      throw e;
    }
  }

  /** One of them is no good: the others get there all the same. */
  private List<Outcome> apart(List<Message> messages, long end) {
    // When it's late, one of them is tried, so that it ends some time.
    int half = System.nanoTime() - end < 0 ? messages.size() / 2 : 1;
    List<Outcome> outcomes = new ArrayList<>(deliver(messages.subList(0, half), end));
    List<Message> rest = messages.subList(half, messages.size());
    boolean answered =
        outcomes.stream()
            .allMatch(each -> each instanceof Outcome.Delivered || each instanceof Outcome.Refused);
    outcomes.addAll(
        answered && System.nanoTime() - end < 0
            ? deliver(rest, end)
            : all(rest, new Outcome.Untried()));
    return outcomes;
  }

  /** Does all that deliveries do, with nothing, and takes it back. */
  @Override
  public Outcome test(Message message) {
    try {
      Connection open = connection();
      Optional<String> owner = owner(open);
      if (owner.isPresent() && !owner.get().equals(destinationId)) {
        return new Outcome.Deferred("schema_of_another_destination", Optional.empty(), true);
      }
      for (String each : List.of(EVENTS, STATES, CROSSINGS)) {
        execute(open, each, List.of());
      }
      for (String each : ERASURES) {
        execute(open, each, List.of());
      }
      open.rollback();
      return new Outcome.Delivered();
    } catch (SQLException e) {
      return failure(e);
    } finally {
      close();
    }
  }

  private static List<Outcome> all(List<Message> messages, Outcome outcome) {
    return Collections.nCopies(messages.size(), outcome);
  }

  /** A connection that is neither old nor was left alone for long: others may have closed it. */
  private Connection connection() throws SQLException {
    long now = System.nanoTime();
    if (now - connectedAt > RENEWED.toNanos() || now - usedAt > IDLE.toNanos()) {
      close();
    }
    Connection open = connection;
    if (open == null) {
      open = source.getConnection();
      connection = open;
      connectedAt = now;
      open.setAutoCommit(false);
      prepare(open);
    }
    usedAt = System.nanoTime();
    return open;
  }

  /** Makes what is missing; who may not make anything can be given all of it. */
  private void prepare(Connection open) throws SQLException {
    try (Statement statement = open.createStatement()) {
      limit(open);
      if (isThere(statement, "to_regclass('" + named("\"SCHEMA\".tributary_writer") + "')")) {
        open.commit();
        return;
      }
      statement.execute("select pg_advisory_xact_lock(hashtext('tributary tables'))");
      if (!isThere(statement, "to_regnamespace('" + named("\"SCHEMA\"") + "')")) {
        statement.execute(named("create schema \"SCHEMA\""));
      }
      statement.execute(named(TABLES));
      open.commit();
    }
  }

  private static boolean isThere(Statement statement, String name) throws SQLException {
    try (ResultSet row = statement.executeQuery("select " + name + " is not null")) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Whether nobody else has taken the tables; nobody can until the transaction ends. */
  private boolean isMine(Connection open) throws SQLException {
    if (!taken) {
      return false;
    }
    limit(open);
    try (PreparedStatement statement =
        open.prepareStatement(
            named(
                """
                select 1 from "SCHEMA".tributary_writer
                where destination_id = ? and writer = ? for update
                """))) {
      statement.setString(1, destinationId);
      statement.setString(2, writer);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** What holds for the transaction at hand, also behind a pooler. */
  private static void limit(Connection open) throws SQLException {
    try (PreparedStatement statement =
        open.prepareStatement(
            """
            select set_config('statement_timeout', ?, true), set_config('lock_timeout', ?, true),
                   set_config('idle_in_transaction_session_timeout', ?, true)
            """)) {
      for (int i = 1; i <= 3; i++) {
        statement.setString(i, STATEMENT_LIMIT);
      }
      statement.execute();
    }
  }

  /**
   * Takes the tables.
   *
   * @return whose they are, if they are another destination's
   */
  private Optional<String> take(Connection open) throws SQLException {
    limit(open);
    try (PreparedStatement statement =
        open.prepareStatement(
            named(
                """
                insert into "SCHEMA".tributary_writer as w (destination_id, writer) values (?, ?)
                on conflict (only_one) do update set writer = excluded.writer
                where w.destination_id = excluded.destination_id
                """))) {
      statement.setString(1, destinationId);
      statement.setString(2, writer);
      taken = statement.executeUpdate() == 1;
    }
    Optional<String> owner = taken ? Optional.empty() : owner(open);
    open.commit();
    return owner;
  }

  private Optional<String> owner(Connection open) throws SQLException {
    try (PreparedStatement statement =
            open.prepareStatement(named("select destination_id from \"SCHEMA\".tributary_writer"));
        ResultSet row = statement.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  /** Erasures stand between what came before them and what comes after. */
  private void write(Connection open, List<Message> messages) throws SQLException {
    int from = 0;
    while (from < messages.size()) {
      boolean erasures = isErasure(messages.get(from));
      int to = from + 1;
      while (to < messages.size() && isErasure(messages.get(to)) == erasures) {
        to++;
      }
      List<Message> some = messages.subList(from, to);
      if (erasures) {
        for (String each : ERASURES) {
          execute(open, each, some);
        }
      } else {
        execute(open, EVENTS, some(some, "event"));
        execute(open, STATES, some(some, Selection.STATE));
        execute(open, CROSSINGS, some(some, "segment."));
      }
      from = to;
    }
  }

  private static boolean isErasure(Message message) {
    return message.type().equals(Selection.ERASED);
  }

  /** That a profile became part of a person, or left it, is in the states that follow. */
  private static List<Message> some(List<Message> messages, String type) {
    return messages.stream().filter(each -> each.type().startsWith(type)).toList();
  }

  private void execute(Connection open, String sql, List<Message> messages) throws SQLException {
    List<Array> columns = new ArrayList<>();
    try (PreparedStatement statement = open.prepareStatement(named(sql))) {
      columns.add(texts(open, messages, Message::id));
      columns.add(texts(open, messages, each -> new String(each.body(), StandardCharsets.UTF_8)));
      columns.add(texts(open, messages, each -> each.home().toString()));
      for (int i = 0; i < columns.size(); i++) {
        statement.setArray(i + 1, columns.get(i));
      }
      statement.executeUpdate();
    } finally {
      for (Array each : columns) {
        each.free();
      }
    }
  }

  private static Array texts(
      Connection open, List<Message> messages, Function<Message, String> column)
      throws SQLException {
    return open.createArrayOf("text", messages.stream().map(column).toArray());
  }

  private String named(String sql) {
    return sql.replace("SCHEMA", target.schema());
  }

  /** A server could say anything here. */
  private static String state(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return SQLSTATE.matcher(state).matches() ? state : "error";
  }

  /** What isn't the message's fault: everything waits until somebody has mended it. */
  private Outcome failure(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      Optional<Outcome> known =
          switch (cause) {
            case ForbiddenAddressException _ -> unreachable("address_not_allowed");
            case UnknownHostException _ -> unreachable("unknown_host");
            case ConnectException _ -> unreachable("connection_refused");
            case NoRouteToHostException _ -> unreachable("connection_refused");
            case SocketTimeoutException _ -> unreachable("no_answer");
            case SSLException _ -> unreachable("tls_failed");
            case IOException _ -> unreachable("no_answer");
            default -> Optional.empty();
          };
      if (known.isPresent()) {
        return known.get();
      }
    }
    String state = state(e);
    if (state.startsWith("08")) {
      // Of its own accord the driver hangs up only over TLS: none, or another host's certificate.
      return new Outcome.Deferred(
          connection == null && target.tls() ? "tls_failed" : "no_answer", Optional.empty(), true);
    }
    boolean again = state.startsWith("40") || state.startsWith("55") || state.equals(TOO_SLOW);
    return new Outcome.Deferred("sql_" + state, Optional.empty(), !again);
  }

  private static Optional<Outcome> unreachable(String reason) {
    return Optional.of(new Outcome.Deferred(reason, Optional.empty(), true));
  }

  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // Then it's gone already.
      }
    }
  }

  private static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(
            PostgresReceiver.class.getResourceAsStream("/destination/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
