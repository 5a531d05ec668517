package io.tributary.ingestion.pull;

import io.tributary.event.Json;
import io.tributary.ingestion.files.Row;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads rows of queries, page by page, each in a connection and a transaction of its own that can't
 * write. The order is that of the cursor and, among rows of one value, of their hashes: so a page
 * begins behind any row, also where millions have the same value.
 */
final class PullReader {
  /** Rows of a page. */
  static final int PAGE = 1_000;

  /** A page ends behind so many characters of rows, so that wide rows fill no memory. */
  private static final int PAGE_CHARACTERS = 2_000_000;

  /** And behind what came in that time, so that whoever reads gives a sign of life. */
  private static final Duration LONGEST_PAGE = Duration.ofSeconds(20);

  /** Rows that come at once: as many of the largest as one answer may have. */
  private static final int AT_ONCE = 25;

  /** Bytes of a row; no event may have as many. */
  private static final int MAX_ROW = 33_000;

  /** All that the types of cursors are written with. */
  private static final Pattern POSITION = Pattern.compile("[0-9A-Za-z:.+ -]{1,64}");

  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  /**
   * A row.
   *
   * @param cursor its cursor's value
   * @param hash of all of it
   */
  record Pulled(Row row, String cursor, long hash) {}

  /**
   * Rows one after another.
   *
   * @param last whether there were no more
   */
  record Rows(CursorType type, List<Pulled> rows, boolean last) {
    /** Copies the list. */
    public Rows {
      rows = List.copyOf(rows);
    }
  }

  /**
   * A page.
   *
   * @param most rows of it
   */
  Rows page(PullDefinition definition, String password, String allowed, Start start, int most)
      throws SQLException, UnreadableException {
    try (Connection connection =
        definition.server().connections(password, allowed).getConnection()) {
      open.add(connection);
      try {
        return page(connection, definition, start, most);
      } finally {
        open.remove(connection);
      }
    }
  }

  /** Ends what is being read, from any thread. */
  void abort() {
    for (Connection connection : open) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        // Then it's gone already.
      }
    }
  }

  private static Rows page(Connection connection, PullDefinition definition, Start start, int most)
      throws SQLException, UnreadableException {
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(
          """
          select set_config('statement_timeout', '14s', true), set_config('lock_timeout', '5s', true),
                 set_config('idle_in_transaction_session_timeout', '60s', true),
                 set_config('TimeZone', 'UTC', true), set_config('client_min_messages', 'error', true)
          """);
      CursorType type = type(statement, definition);
      statement.setFetchSize(AT_ONCE);
      List<Pulled> rows = new ArrayList<>();
      int characters = 0;
      long end = System.nanoTime() + LONGEST_PAGE.toNanos();
      try (ResultSet found = statement.executeQuery(select(definition, type, start, most))) {
        while (characters < PAGE_CHARACTERS && System.nanoTime() < end && found.next()) {
          String json = found.getString(1);
          rows.add(pulled(rows.size() + 1, json, found.getString(2), found.getLong(3)));
          characters += json == null ? 0 : json.length();
        }
      }
      boolean cut = characters >= PAGE_CHARACTERS || System.nanoTime() >= end;
      return new Rows(type, rows, rows.size() < most && !cut);
    }
  }

  private static CursorType type(Statement statement, PullDefinition definition)
      throws SQLException, UnreadableException {
    Optional<CursorType> type = Optional.empty();
    boolean found = false;
    Set<String> names = new HashSet<>();
    try (ResultSet none =
        statement.executeQuery("select * from (" + definition.query() + "\n) q limit 0")) {
      ResultSetMetaData columns = none.getMetaData();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        if (!names.add(columns.getColumnLabel(i))) {
          throw new UnreadableException("column_twice");
        }
        if (columns.getColumnLabel(i).equals(definition.cursor())) {
          found = true;
          type = CursorType.of(columns.getColumnTypeName(i));
        }
      }
    }
    if (!found) {
      throw new UnreadableException("cursor_missing");
    }
    return type.orElseThrow(() -> new UnreadableException("cursor_type"));
  }

  private static String select(PullDefinition definition, CursorType type, Start start, int most) {
    String from =
        switch (start) {
          case Start.Beginning() -> "";
          case Start.At(String position, long back, long seconds, Start.Behind floor) ->
              " and r.c >= "
                  + type.before(position, type.isTime() ? back + seconds : back)
                  + (floor == null ? "" : behind(type, floor));
          case Start.Behind behind -> behind(type, behind);
        };
    return """
    select case when octet_length(convert_to(r.j, 'UTF8')) <= %d then r.j end, r.c::text, r.h
    from (select row_to_json(q.*)::text as j, q."%s" as c, hashtextextended(row_to_json(q.*)::text, 0) as h
          from (%s
          ) q) r
    where %s%s
    order by r.c, r.h
    limit %d
    """
        .formatted(
            MAX_ROW,
            definition.cursor().replace("\"", "\"\""),
            definition.query(),
            type.counts("r.c"),
            from,
            most);
  }

  private static String behind(CursorType type, Start.Behind row) {
    return " and r.c >= %1$s and (r.c > %1$s or r.h > %2$d)"
        .formatted(type.value(row.position()), row.hash());
  }

  private static Pulled pulled(long line, @Nullable String json, @Nullable String cursor, long hash)
      throws SQLException {
    if (cursor == null || !POSITION.matcher(cursor).matches()) {
      throw new SQLException("not a value of the cursor's type", "22000");
    }
    return new Pulled(row(line, json, cursor), cursor, hash);
  }

  private static Row row(long line, @Nullable String json, String cursor) {
    if (json == null) {
      return Row.flawed(line, "", "event_too_large", "has more than an event may hold");
    }
    try {
      if (Json.EXACT.readTree(json) instanceof ObjectNode fields) {
        return new Row(line, "", json.length(), fields, null, cursor);
      }
    } catch (JacksonException e) {
      // Nested deeper than events may be, or a number that nobody writes out.
    }
    return Row.flawed(line, "", "malformed_json", "can't be read as an object");
  }
}
