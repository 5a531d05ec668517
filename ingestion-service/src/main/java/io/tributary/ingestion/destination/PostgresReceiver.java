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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
  private static final int ANSWER_SECONDS = 15;

  /** Less than is waited for, so that a statement that took too long has ended. */
  private static final String STATEMENT_LIMIT = "10s";

  /** Classes of errors: data exception, integrity constraint violation, program limit exceeded. */
  private static final Set<String> FAULTS = Set.of("22", "23", "54");

  private static final String TABLES = resource("tables.sql");
  private static final String EVENTS =
      """
      insert into "SCHEMA".events
          (message_id, profile_id, event_id, type, event, user_id, anonymous_id, group_id, source_id,
           occurred_at, received_at, traits, properties, context)
      select m.id, m.body #>> '{data,profileId}', coalesce(e ->> 'messageId', ''),
             coalesce(e ->> 'type', ''), coalesce(e ->> 'event', e ->> 'name'), e ->> 'userId',
             e ->> 'anonymousId', e ->> 'groupId', e ->> 'sourceId',
             coalesce(e ->> 'timestamp', m.body ->> 'timestamp')::timestamptz,
             (e ->> 'receivedAt')::timestamptz, e -> 'traits', e -> 'properties', e -> 'context'
      from unnest(?::text[], ?::jsonb[]) as m(id, body), lateral (select m.body #> '{data,event}' as e) as x
      on conflict (message_id) do nothing
      """;
  private static final String STATES =
      """
      insert into "SCHEMA".profiles (profile_id, canonical_id, user_id, traits, consent, changed_at)
      select distinct on (id) id, id, p ->> 'userId', coalesce(p -> 'traits', '{}'),
             coalesce(p -> 'consent', '{}'), at
      from unnest(?::text[], ?::jsonb[]) with ordinality as m(message_id, body, n),
           lateral (select m.body #>> '{data,profileId}' as id, m.body #> '{data,profile}' as p,
                           (m.body ->> 'timestamp')::timestamptz as at) as x
      order by id, n desc
      on conflict (profile_id) do update
      set user_id = excluded.user_id, traits = excluded.traits, consent = excluded.consent,
          changed_at = excluded.changed_at
      """;

  /** What a profile had goes over to whom it's part of now. */
  private static final String LINKS =
      """
      insert into "SCHEMA".profiles as p (profile_id, canonical_id, changed_at)
      select distinct on (id) id, root, at
      from unnest(?::text[], ?::jsonb[]) with ordinality as m(message_id, body, n),
           lateral (select m.body #>> '{data,profileId}' as id,
                           m.body #>> '{data,canonicalId}' as root,
                           (m.body ->> 'timestamp')::timestamptz as at) as x
      order by id, n desc
      on conflict (profile_id) do update
      set canonical_id = excluded.canonical_id, changed_at = excluded.changed_at,
          user_id = case when excluded.canonical_id = p.profile_id then p.user_id end,
          traits = case when excluded.canonical_id = p.profile_id then p.traits else '{}' end,
          consent = case when excluded.canonical_id = p.profile_id then p.consent else '{}' end
      """;

  /** A change that is known changes nothing again, and one that comes late undoes no later one. */
  private static final String CROSSINGS =
      """
      with m as (
          select d ->> 'changeId' as change_id, d ->> 'segmentId' as segment_id,
                 (d ->> 'segmentVersion')::bigint as segment_version, d ->> 'profileId' as profile_id,
                 substr(m.body ->> 'type', 9) as change, d ->> 'reason' as reason,
                 d ->> 'messageId' as event_id, (m.body ->> 'timestamp')::timestamptz as changed_at, m.n
          from unnest(?::text[], ?::jsonb[]) with ordinality as m(message_id, body, n),
               lateral (select m.body -> 'data' as d) as x),
      fresh as (
          insert into "SCHEMA".segment_changes
              (change_id, segment_id, segment_version, profile_id, change, reason, event_id, changed_at)
          select change_id, segment_id, segment_version, profile_id, change, reason, event_id, changed_at
          from m order by n
          on conflict (change_id) do nothing returning change_id),
      last as (
          select distinct on (segment_id, profile_id) segment_id, profile_id, change, changed_at
          from m join fresh using (change_id)
          order by segment_id, profile_id, n desc),
      counting as (
          select * from last l where not exists (
              select from "SCHEMA".segment_changes c
              where c.profile_id = l.profile_id and c.segment_id = l.segment_id
                and c.changed_at > l.changed_at)),
      gone as (
          delete from "SCHEMA".segment_members s using counting c
          where c.change = 'exited' and s.segment_id = c.segment_id and s.profile_id = c.profile_id)
      insert into "SCHEMA".segment_members (segment_id, profile_id, entered_at)
      select segment_id, profile_id, changed_at from counting where change = 'entered'
      on conflict (segment_id, profile_id) do update set entered_at = excluded.entered_at
      """;

  private static final List<String> ERASURES =
      List.of(
          "delete from \"SCHEMA\".events t using",
          "delete from \"SCHEMA\".profiles t using",
          "delete from \"SCHEMA\".segment_changes t using",
          "delete from \"SCHEMA\".segment_members t using");
  private static final String ERASED =
      """
       (select body #>> '{data,profileId}' as id
        from unnest(?::text[], ?::jsonb[]) as m(message_id, body)) as gone
      where t.profile_id = gone.id
      """;

  private final String destinationId;
  private final Target.Tables target;
  private final PGSimpleDataSource source;
  private final String writer = Ids.create("wrt");
  private @Nullable Connection connection;
  private boolean taken;

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
    source.setLoginTimeout(2 * CONNECT_SECONDS);
    source.setSocketTimeout(ANSWER_SECONDS);
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
    try {
      Connection open = connection();
      if (!isMine(open)) {
        // They were read before; by the next time what is as of now is read anew.
        take(open);
        return all(messages, new Outcome.Untried());
      }
      Optional<String> fault = written(open, messages);
      if (fault.isEmpty()) {
        open.commit();
        return all(messages, new Outcome.Delivered());
      }
      open.rollback();
      return messages.size() == 1
          ? List.of(new Outcome.Refused("sql_" + fault.get()))
          : apart(messages);
    } catch (SQLException e) {
      close();
      return all(messages, failure(e));
    }
  }

  /** Writes them; or the code of why what one of them says can't be stored. */
  private Optional<String> written(Connection open, List<Message> messages) throws SQLException {
    try {
      write(open, messages);
      return Optional.empty();
    } catch (SQLException e) {
      String state = state(e);
      if (FAULTS.contains(state.substring(0, Math.min(2, state.length())))) {
        return Optional.of(state);
      }
      throw e;
    }
  }

  /** One of them is no good: the others get there all the same. */
  private List<Outcome> apart(List<Message> messages) {
    int half = messages.size() / 2;
    List<Outcome> outcomes = new ArrayList<>(deliver(messages.subList(0, half)));
    List<Message> rest = messages.subList(half, messages.size());
    boolean answered =
        outcomes.stream()
            .allMatch(each -> each instanceof Outcome.Delivered || each instanceof Outcome.Refused);
    outcomes.addAll(answered ? deliver(rest) : all(rest, new Outcome.Untried()));
    return outcomes;
  }

  @Override
  public Outcome test(Message message) {
    try {
      connection().commit();
      return new Outcome.Delivered();
    } catch (SQLException e) {
      close();
      return failure(e);
    }
  }

  private static List<Outcome> all(List<Message> messages, Outcome outcome) {
    return Collections.nCopies(messages.size(), outcome);
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = source.getConnection();
      connection = open;
      open.setAutoCommit(false);
      prepare(open);
    }
    return open;
  }

  /** Makes what is missing; who may not make anything can be given all of it. */
  private void prepare(Connection open) throws SQLException {
    try (Statement statement = open.createStatement()) {
      statement.execute("set local statement_timeout = '" + STATEMENT_LIMIT + "'");
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
    try (PreparedStatement statement =
        open.prepareStatement(
            named(
                """
                select set_config('statement_timeout', ?, true),
                       set_config('idle_in_transaction_session_timeout', ?, true)
                from "SCHEMA".tributary_writer
                where destination_id = ? and writer = ? for update
                """))) {
      statement.setString(1, STATEMENT_LIMIT);
      statement.setString(2, STATEMENT_LIMIT);
      statement.setString(3, destinationId);
      statement.setString(4, writer);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private void take(Connection open) throws SQLException {
    try (PreparedStatement statement =
        open.prepareStatement(
            named(
                """
                insert into "SCHEMA".tributary_writer (destination_id, writer) values (?, ?)
                on conflict (destination_id) do update set writer = excluded.writer
                """))) {
      statement.setString(1, destinationId);
      statement.setString(2, writer);
      statement.executeUpdate();
    }
    open.commit();
    taken = true;
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
        for (String table : ERASURES) {
          execute(open, table + ERASED, some, _ -> true);
        }
      } else {
        execute(open, EVENTS, some, type -> type.equals("event"));
        execute(open, STATES, some, type -> type.equals(Selection.STATE));
        execute(
            open,
            LINKS,
            some,
            type -> type.equals("profile.merged") || type.equals("profile.split"));
        execute(open, CROSSINGS, some, type -> type.startsWith("segment."));
      }
      from = to;
    }
  }

  private static boolean isErasure(Message message) {
    return message.type().equals(Selection.ERASED);
  }

  private void execute(Connection open, String sql, List<Message> messages, Predicate<String> types)
      throws SQLException {
    List<Message> mine = messages.stream().filter(each -> types.test(each.type())).toList();
    if (mine.isEmpty()) {
      return;
    }
    Array ids = open.createArrayOf("text", mine.stream().map(Message::id).toArray());
    Array bodies =
        open.createArrayOf(
            "text",
            mine.stream().map(each -> new String(each.body(), StandardCharsets.UTF_8)).toArray());
    try (PreparedStatement statement = open.prepareStatement(named(sql))) {
      statement.setArray(1, ids);
      statement.setArray(2, bodies);
      statement.executeUpdate();
    } finally {
      ids.free();
      bodies.free();
    }
  }

  private String named(String sql) {
    return sql.replace("SCHEMA", target.schema());
  }

  private static String state(SQLException e) {
    return Objects.requireNonNullElse(e.getSQLState(), "");
  }

  /** What isn't the message's fault: everything waits until somebody has mended it. */
  private static Outcome failure(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      Optional<Outcome> known =
          switch (cause) {
            case ForbiddenAddressException _ -> unreachable("address_not_allowed");
            case UnknownHostException _ -> unreachable("unknown_host");
            case ConnectException _ -> unreachable("connection_refused");
            case NoRouteToHostException _ -> unreachable("connection_refused");
            case SocketTimeoutException _ -> unreachable("no_answer");
            case SSLException _ -> unreachable("tls_failed");
            default -> Optional.empty();
          };
      if (known.isPresent()) {
        return known.get();
      }
    }
    String state = state(e);
    boolean again = state.startsWith("40") || state.startsWith("55") || state.startsWith("57014");
    return state.startsWith("08")
        ? new Outcome.Deferred("no_answer", Optional.empty(), true)
        : new Outcome.Deferred("sql_" + state, Optional.empty(), !again);
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
