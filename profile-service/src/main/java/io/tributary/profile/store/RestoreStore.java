package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;

/** Requests that were made after a backup and are carried out again after its restore. */
public final class RestoreStore {

  /** The restore whose requests were not read yet; empty when there's none. */
  public OptionalInt unread(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                select l.lineage from profile.lineage l
                where l.lineage = (select max(lineage) from profile.lineage)
                  and not exists (select from profile.restore_step s where s.lineage = l.lineage)
                """);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
    }
  }

  /** Whether other instances leave this one the work; to the end of the transaction. */
  public boolean hold(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "select pg_try_advisory_xact_lock(hashtextextended('profile|restore', 0))");
        ResultSet row = statement.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Notes that the topic was read to its end. */
  public void read(Connection connection, int lineage, Instant now) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into profile.restore_step values (?, ?)")) {
      statement.setInt(1, lineage);
      statement.setObject(2, now.atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    }
  }

  /** A request as it's kept until it is carried out. */
  public record Row(
      String workspaceId,
      String requestId,
      String kind,
      ProfileId profileId,
      List<ProfileId> homes,
      String salt,
      List<String> names,
      String tokenId,
      Instant at,
      String position) {
    /** Copies the lists. */
    public Row {
      homes = List.copyOf(homes);
      names = List.copyOf(names);
    }
  }

  /** Keeps a request that the database doesn't know. */
  public void keep(Connection connection, Row row) throws SQLException {
    String sql =
        """
        insert into profile.restored_request
            (workspace_id, request_id, kind, profile_id, homes, salt, names, token_id, at, position)
        select v.* from (values (?, ?, ?, ?::uuid, ?::uuid[], ?, ?::text[], ?, ?::timestamptz, ?)) as v(w, r)
        where not exists (select from profile.privacy_request q
                          where q.workspace_id = v.w and q.request_id = v.r)
        on conflict do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, row.workspaceId());
      statement.setString(2, row.requestId());
      statement.setString(3, row.kind());
      statement.setObject(4, row.profileId().uuid());
      statement.setArray(
          5, connection.createArrayOf("uuid", row.homes().stream().map(ProfileId::uuid).toArray()));
      statement.setString(6, row.salt());
      statement.setArray(7, connection.createArrayOf("text", row.names().toArray()));
      statement.setString(8, row.tokenId());
      statement.setObject(9, row.at().atOffset(ZoneOffset.UTC));
      statement.setString(10, row.position());
      statement.executeUpdate();
    }
  }

  /** What is to be carried out, the oldest first. */
  public List<Row> open(Connection connection) throws SQLException {
    List<Row> open = new ArrayList<>();
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                select workspace_id, request_id, kind, profile_id, homes, salt, names, token_id, at, position
                from profile.restored_request where done_at is null order by at, request_id limit 1000
                """);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        open.add(
            new Row(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                new ProfileId(row.getObject(4, UUID.class)),
                Arrays.stream((UUID[]) row.getArray(5).getArray()).map(ProfileId::new).toList(),
                row.getString(6),
                List.of((String[]) row.getArray(7).getArray()),
                row.getString(8),
                row.getObject(9, java.time.OffsetDateTime.class).toInstant(),
                row.getString(10)));
      }
    }
    return open;
  }

  /** Notes that a request was carried out. */
  public void done(Connection connection, Row row, Instant now) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "update profile.restored_request set done_at = ? where workspace_id = ? and request_id = ?")) {
      statement.setObject(1, now.atOffset(ZoneOffset.UTC));
      statement.setString(2, row.workspaceId());
      statement.setString(3, row.requestId());
      statement.executeUpdate();
    }
  }

  /**
   * Sums of the identifiers of some homes. A device may be others', too: it counts only for whom it
   * is all that is known of them.
   */
  public List<String> names(
      Connection connection, String workspaceId, List<ProfileId> homes, String salt)
      throws SQLException {
    String sql =
        """
        with own as (
          select type, encode(sha256(convert_to(? || '|' || type || '|' || value, 'UTF8')), 'hex') as name
          from identity.v_identifier where workspace_id = ? and profile_id = any(?))
        select name from own
        where type <> 'anonymousId' or not exists (select from own o where o.type <> 'anonymousId')
        """;
    List<String> names = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, salt);
      statement.setString(2, workspaceId);
      statement.setArray(
          3, connection.createArrayOf("uuid", homes.stream().map(ProfileId::uuid).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          names.add(row.getString(1));
        }
      }
    }
    return names;
  }

  /** Whom the identifiers behind these sums belong to now, and those of the old ids that exist. */
  public List<ProfileId> holders(Connection connection, Row row) throws SQLException {
    String sql =
        """
        select distinct profile_id from identity.v_identifier
        where workspace_id = ?
          and encode(sha256(convert_to(? || '|' || type || '|' || value, 'UTF8')), 'hex') = any(?)
        union
        select profile_id from profile.profile where workspace_id = ? and profile_id = any(?)
        order by 1
        """;
    List<ProfileId> holders = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, row.workspaceId());
      statement.setString(2, row.salt());
      statement.setArray(3, connection.createArrayOf("text", row.names().toArray()));
      statement.setString(4, row.workspaceId());
      statement.setArray(
          5, connection.createArrayOf("uuid", row.homes().stream().map(ProfileId::uuid).toArray()));
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          holders.add(new ProfileId(found.getObject(1, UUID.class)));
        }
      }
    }
    return holders;
  }
}
