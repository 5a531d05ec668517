package io.tributary.ingestion.destination;

import io.tributary.event.Ids;
import io.tributary.ingestion.postgres.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

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

  /** Less than is waited for, so that a statement that took too long has ended. */
  private static final String STATEMENT_LIMIT = "10s";

  /** After which nothing more is begun for those that are tried one by one. */
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final Duration RENEWED = Duration.ofMinutes(1);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final String TOO_SLOW = "57014";

  /** Classes of errors: data exception, integrity constraint violation, program limit exceeded. */
  private static final Set<String> FAULTS = Set.of("22", "23", "54");

  private static final String TABLES = resource("tables.sql");

  private final String destinationId;
  private final PostgresServer server;
  private final PGSimpleDataSource source;
  private final TableRows rows;
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
    this.server = target.server();
    this.source = server.connections(password, allowed);
    this.rows = new TableRows(target.schema());
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
          : Halves.deliver(messages, end, half -> deliver(half, end));
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
      rows.write(open, messages);
      open.commit();
      return Optional.empty();
    } catch (SQLException e) {
      String state = PostgresServer.state(e);
      boolean tooSlow = state.equals(TOO_SLOW) && messages.size() > 1;
      boolean fault = FAULTS.contains(state.substring(0, Math.min(2, state.length())));
      // That somebody is erased is no fault of the message's, whatever stands against it.
      if (tooSlow
          || (fault && (messages.size() > 1 || !TableRows.isErasure(messages.getFirst())))) {
        open.rollback();
        return Optional.of("sql_" + state);
      }
      throw e;
    }
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
      rows.writeNothing(open);
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
      if (isThere(statement, "to_regclass('" + rows.named("\"SCHEMA\".tributary_writer") + "')")) {
        open.commit();
        return;
      }
      statement.execute("select pg_advisory_xact_lock(hashtext('tributary tables'))");
      if (!isThere(statement, "to_regnamespace('" + rows.named("\"SCHEMA\"") + "')")) {
        statement.execute(rows.named("create schema \"SCHEMA\""));
      }
      statement.execute(rows.named(TABLES));
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
            rows.named(
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
            rows.named(
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
            open.prepareStatement(
                rows.named("select destination_id from \"SCHEMA\".tributary_writer"));
        ResultSet row = statement.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  /** What isn't the message's fault: everything waits until somebody has mended it. */
  private Outcome failure(SQLException e) {
    Optional<String> unreached = server.unreached(e, connection != null);
    if (unreached.isPresent()) {
      return new Outcome.Deferred(unreached.get(), Optional.empty(), true);
    }
    String state = PostgresServer.state(e);
    boolean again = state.startsWith("40") || state.startsWith("55") || state.equals(TOO_SLOW);
    return new Outcome.Deferred("sql_" + state, Optional.empty(), !again);
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
