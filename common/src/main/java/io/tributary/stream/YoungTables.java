package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has Postgres look at tables that are new or have grown fast. The statements of a stage are
 * planned once for as long as nothing new is known of their tables; what was planned for a table
 * that nobody had looked at reads a whole workspace for each key, and soon that is seconds a batch.
 * Autovacuum would look, too, but after a minute.
 */
final class YoungTables {
  private static final Logger log = LoggerFactory.getLogger(YoungTables.class);
  private static final Duration EVERY = Duration.ofSeconds(3);

  /**
   * Of a handful of rows a look would learn the wrong thing, that each value is the only one of its
   * kind: from three pages of 8 kB on.
   */
  private static final String YOUNG =
      """
      select format('%I.%I', n.nspname, c.relname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ? and c.relkind = 'r'
        and pg_relation_size(c.oid) / 8192 >= case when c.reltuples < 0 then 3 else 8 * greatest(c.relpages, 3) end
      order by 1
      """;

  private final DataSource dataSource;
  private final String schema;
  private final LongSupplier nanos;
  private long next;

  /** Those of a schema. */
  YoungTables(DataSource dataSource, String schema) {
    this(dataSource, schema, System::nanoTime);
  }

  YoungTables(DataSource dataSource, String schema, LongSupplier nanos) {
    this.dataSource = dataSource;
    this.schema = schema;
    this.nanos = nanos;
    this.next = nanos.getAsLong();
  }

  /** Looks if it's time to; a failure is only noted, since all works without. */
  void look() {
    if (nanos.getAsLong() - next < 0) {
      return;
    }
    next = nanos.getAsLong() + EVERY.toNanos();
    try (Connection connection = dataSource.getConnection()) {
      for (String table : young(connection)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute("analyze " + table);
        }
        log.debug("analyzed {}", table);
      }
    } catch (SQLException e) {
      log.debug("young tables of {} weren't looked at", schema, e);
    }
  }

  private List<String> young(Connection connection) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(YOUNG)) {
      statement.setString(1, schema);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          tables.add(row.getString(1));
        }
      }
    }
    return tables;
  }
}
