package io.tributary.segment.store;

import io.tributary.event.ProfileId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Columns as SQL arrays, for statements that carry a whole batch through {@code unnest}. */
final class Arrays {
  private Arrays() {}

  static Array texts(Connection connection, Collection<? extends @Nullable String> values)
      throws SQLException {
    return connection.createArrayOf("text", values.toArray());
  }

  static Array workspaces(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    return texts(connection, keys.stream().map(ProfileKey::workspaceId).toList());
  }

  static Array profiles(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    return connection.createArrayOf(
        "uuid", keys.stream().map(key -> key.profileId().uuid()).toArray());
  }

  static Array times(Connection connection, Collection<? extends @Nullable Instant> values)
      throws SQLException {
    return connection.createArrayOf(
        "timestamptz",
        values.stream().map(value -> value == null ? null : value.toString()).toArray());
  }

  static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }

  static Instant requiredInstant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static ProfileKey key(ResultSet row) throws SQLException {
    return new ProfileKey(
        row.getString("workspace_id"), new ProfileId(row.getObject("profile_id", UUID.class)));
  }
}
