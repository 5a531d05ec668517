package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/** The schemas of the services in the one database, and what is there of them. */
public final class Schemas {
  /** Each its service's. */
  static final List<String> SERVICES =
      List.of("ingestion", "identity", "profile", "segment", "campaign");

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,30}");

  private Schemas() {}

  /**
   * Whether there is such a table or view, as {@code schema.name}: services set up their schemas in
   * whatever order they start.
   */
  public static boolean has(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select to_regclass(?) is not null")) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** Names come from our own code, but they're put into SQL text: so they're checked. */
  static String checked(String schema) {
    if (!NAME.matcher(schema).matches()) {
      throw new IllegalArgumentException("not a schema name: " + schema);
    }
    return schema;
  }
}
