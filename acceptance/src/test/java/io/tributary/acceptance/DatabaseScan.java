package io.tributary.acceptance;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks for a text in everything that a product's Postgres stores. */
final class DatabaseScan implements AutoCloseable {
  private final Connection connection;

  DatabaseScan(Running product) throws IOException, SQLException {
    connection = product.database();
  }

  /** The tables with a row that has the text (in lower case) in any column, in whatever case. */
  List<String> tablesWith(String text) throws SQLException {
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, String> table : tables().entrySet()) {
      String query =
          "select exists (select from %s where %s)".formatted(table.getKey(), table.getValue());
      try (PreparedStatement statement = connection.prepareStatement(query)) {
        int columns = statement.getParameterMetaData().getParameterCount();
        for (int i = 1; i <= columns; i++) {
          statement.setString(i, text);
        }
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            found.add(table.getKey());
          }
        }
      }
    }
    return found;
  }

  /** Every table with a condition on all its columns that can hold text. */
  private Map<String, String> tables() throws SQLException {
    Map<String, String> tables = new TreeMap<>();
    String sql =
        """
        select format('%I.%I', n.nspname, c.relname),
               string_agg(format(case when a.atttypid = 'bytea'::regtype
                 then 'position(? in lower(encode(%I, ''escape''))) > 0'
                 else 'position(? in lower(%I::text)) > 0' end, a.attname), ' or ')
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
          and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'json'::regtype,
                             'bytea'::regtype, 'text[]'::regtype)
        group by 1
        """;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        tables.put(row.getString(1), row.getString(2));
      }
    }
    if (tables.size() < 20) {
      throw new AssertionError("only these tables can be seen: " + tables.keySet());
    }
    return tables;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
