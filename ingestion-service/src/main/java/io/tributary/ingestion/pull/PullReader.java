package io.tributary.ingestion.pull;

import io.tributary.event.Json;
import io.tributary.ingestion.files.Row;
import io.tributary.webhook.GuardedReading;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads rows of a query in the order of their cursor, in one transaction that can't write. The rows
 * come a few at a time, so that neither side holds many.
 */
final class PullReader implements AutoCloseable {
  /** Rows that come at once: as many as fit in what one answer may have. */
  private static final int AT_ONCE = 25;

  /** Characters of a row; no event may have as many bytes. */
  private static final int MAX_ROW = 33_000;

  private final Connection connection;
  private final Statement statement;
  private final CursorType type;
  private @Nullable ResultSet rows;
  private long line;

  /** A row with its cursor's value. */
  record Pulled(Row row, String cursor) {}

  /** The query, or its cursor, can't be read like that; the message says why in one word. */
  static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    UnfitException(String reason) {
      super(reason);
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  private PullReader(Connection connection, Statement statement, CursorType type) {
    this.connection = connection;
    this.statement = statement;
    this.type = type;
  }

  /**
   * Begins to read.
   *
   * @param position the last value that was handled; null for all
   * @param back how far to go back from there
   */
  static PullReader open(
      PullDefinition definition, String password, String allowed, @Nullable String position, int back)
      throws SQLException, UnfitException {
    Connection connection =
        definition
            .server()
            .connections(password, allowed, GuardedReading.class)
            .getConnection();
    try {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      Statement statement = connection.createStatement();
      statement.setEscapeProcessing(false);
      statement.execute(
          """
          select set_config('statement_timeout', '14s', true), set_config('lock_timeout', '5s', true),
                 set_config('idle_in_transaction_session_timeout', '120s', true),
                 set_config('TimeZone', 'UTC', true)
          """);
      PullReader reader = new PullReader(connection, statement, type(statement, definition));
      reader.select(definition, position, back);
      return reader;
    } catch (SQLException | UnfitException | RuntimeException e) {
      closeQuietly(connection);
      throw e;
    }
  }

  private static CursorType type(Statement statement, PullDefinition definition)
      throws SQLException, UnfitException {
    Optional<CursorType> type = Optional.empty();
    boolean found = false;
    Set<String> names = new HashSet<>();
    try (ResultSet none =
        statement.executeQuery("select * from (" + definition.query() + "\n) q limit 0")) {
      ResultSetMetaData columns = none.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        if (!names.add(columns.getColumnLabel(i))) {
          throw new UnfitException("column_twice");
        }
        if (columns.getColumnLabel(i).equals(definition.cursor())) {
          found = true;
          type = CursorType.of(columns.getColumnTypeName(i));
        }
      }
    }
    if (!found) {
      throw new UnfitException("cursor_missing");
    }
    return type.orElseThrow(() -> new UnfitException("cursor_type"));
  }

  private void select(PullDefinition definition, @Nullable String position, int back)
      throws SQLException {
    String cursor = "q.\"" + definition.cursor().replace("\"", "\"\"") + "\"";
    statement.setFetchSize(AT_ONCE);
    rows =
        statement.executeQuery(
            "select left(row_to_json(q)::text, "
                + (MAX_ROW + 1)
                + "), "
                + cursor
                + "::text from ("
                + definition.query()
                + "\n) q where "
                + cursor
                + (position == null ? " is not null" : " >= " + type.from(position, back))
                + " order by "
                + cursor);
  }

  CursorType type() {
    return type;
  }

  /** The next rows; none at the end. */
  List<Pulled> next(int most) throws SQLException {
    List<Pulled> next = new ArrayList<>();
    ResultSet open = rows;
    while (open != null && next.size() < most && open.next()) {
      next.add(new Pulled(row(open.getString(1)), open.getString(2)));
    }
    return next;
  }

  private Row row(String json) {
    line++;
    if (json.length() > MAX_ROW) {
      return Row.flawed(line, "", "event_too_large", "has more than an event may hold");
    }
    try {
      if (Json.EXACT.readTree(json) instanceof ObjectNode fields) {
        return Row.of(line, "", json.length(), fields);
      }
    } catch (JacksonException e) {
      // Nested deeper than events may be, or a number that nobody writes out.
    }
    return Row.flawed(line, "", "malformed_json", "can't be read as an object");
  }

  @Override
  public void close() {
    closeQuietly(connection);
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // Then it's gone already.
    }
  }
}
