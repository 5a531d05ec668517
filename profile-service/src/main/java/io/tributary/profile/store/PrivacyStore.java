package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import io.tributary.stream.ControlTotals;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Privacy requests, blocks, and what they delete. */
public final class PrivacyStore {
  /** The services that delete on their own and leave a receipt. */
  public static final List<String> SERVICES =
      List.of("ingestion", "identity", "segment", "campaign");

  private final JdbcClient sql;
  private final Neighbours neighbours;
  private final ControlTotals totals = new ControlTotals("profile", "profile");

  /** Reads with this client; writes with the connections that it's given. */
  public PrivacyStore(JdbcClient sql, Neighbours neighbours) {
    this.sql = sql;
    this.neighbours = neighbours;
  }

  /** A request as it's stored. */
  public record Row(
      String workspaceId,
      String id,
      String kind,
      ProfileId profileId,
      String state,
      Instant at,
      @Nullable Instant finishedAt) {}

  /** The canonical profile of one that isn't erased. */
  public Optional<ProfileId> root(Connection connection, String workspaceId, ProfileId profile)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            select canonical_id from profile.profile
            where workspace_id = ? and profile_id = ? and erased_at is null
            """)) {
      statement.setString(1, workspaceId);
      statement.setObject(2, profile.uuid());
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new ProfileId(row.getObject(1, UUID.class)))
            : Optional.empty();
      }
    }
  }

  /** Takes the lock under which sends to this person are claimed, to the end of the transaction. */
  public void lockPerson(Connection connection, String workspaceId, ProfileId root)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_advisory_xact_lock(hashtextextended(?, 0))")) {
      statement.setString(1, workspaceId + "|profile|" + root);
      statement.execute();
    }
  }

  /**
   * Sums of what the person is known by; none as long as identity-service has published nothing.
   */
  public List<String> names(
      Connection connection, String workspaceId, List<ProfileId> homes, String salt)
      throws SQLException {
    return neighbours.has("identity.v_identifier")
        ? new RestoreStore().names(connection, workspaceId, homes, salt)
        : List.of();
  }

  /** Keeps a new request. */
  public void insert(Connection connection, Row row, List<ProfileId> homes, String tokenId)
      throws SQLException {
    String request =
        """
        insert into profile.privacy_request (workspace_id, request_id, kind, profile_id, state, requested_by, at,
                                             finished_at)
        values (?, ?, ?, ?, ?, ?, ?, ?)
        """;
    try (PreparedStatement statement = connection.prepareStatement(request)) {
      statement.setString(1, row.workspaceId());
      statement.setString(2, row.id());
      statement.setString(3, row.kind());
      statement.setObject(4, row.profileId().uuid());
      statement.setString(5, row.state());
      statement.setString(6, tokenId);
      statement.setObject(7, row.at().atOffset(ZoneOffset.UTC));
      statement.setObject(
          8, row.finishedAt() == null ? null : row.finishedAt().atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    }
    execute(
        connection,
        """
        insert into profile.privacy_request_home (workspace_id, request_id, profile_id)
        select ?, ?, h from unnest(?::uuid[]) as h
        """,
        row.workspaceId(),
        row.id(),
        Uuids.literal(homes));
  }

  /** Blocks sends to these profiles. */
  public void block(
      Connection connection,
      String workspaceId,
      List<ProfileId> homes,
      String kind,
      String requestId,
      Instant now)
      throws SQLException {
    execute(
        connection,
        """
        insert into profile.privacy_block (workspace_id, profile_id, kind, since, request_id)
        select ?, h, ?, ?::timestamptz, ? from unnest(?::uuid[]) as h
        on conflict do nothing
        """,
        workspaceId,
        kind,
        now.toString(),
        requestId,
        Uuids.literal(homes));
  }

  /** Allows sends to these profiles again. */
  public void unblock(Connection connection, String workspaceId, List<ProfileId> homes)
      throws SQLException {
    execute(
        connection,
        """
        delete from profile.privacy_block
        where workspace_id = ? and profile_id = any(?::uuid[]) and kind = 'suppressed'
        """,
        workspaceId,
        Uuids.literal(homes));
  }

  /** Leaves of these profiles only their ids, each by itself. */
  public void wipe(Connection connection, String workspaceId, List<ProfileId> homes, Instant now)
      throws SQLException {
    execute(
        connection,
        """
        update profile.profile
        set erased_at = ?::timestamptz, canonical_id = profile_id, merged_into = null, linked_at = null,
            event_count = 0, first_seen = null, last_seen = null, total_event_count = 0,
            total_first_seen = null, total_last_seen = null, homes = array[profile_id],
            change_no = change_no + 1
        where workspace_id = ? and profile_id = any(?::uuid[])
        """,
        now.toString(),
        workspaceId,
        Uuids.literal(homes));
    execute(
        connection,
        "delete from profile.claim where workspace_id = ? and profile_id = any(?::uuid[])",
        workspaceId,
        Uuids.literal(homes));
  }

  /** Takes the oldest request that this service has work with, to the end of the transaction. */
  public Optional<Row> takeOpen(Connection connection) throws SQLException {
    String sql =
        """
        select * from profile.privacy_request where state in ('pending', 'running')
        order by at limit 1 for update skip locked
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? Optional.of(row(row, 0)) : Optional.empty();
    }
  }

  /** The profiles that a request is about. */
  public List<ProfileId> homes(String workspaceId, String requestId) {
    return sql.sql(
            """
            select profile_id from profile.privacy_request_home
            where workspace_id = ? and request_id = ? order by profile_id
            """)
        .param(workspaceId)
        .param(requestId)
        .query((row, n) -> new ProfileId(row.getObject(1, UUID.class)))
        .list();
  }

  /** Notes how far a request is. */
  public void advance(Connection connection, Row row, String state, Instant now)
      throws SQLException {
    execute(
        connection,
        """
        update profile.privacy_request
        set state = ?, finished_at = case when ? = 'done' then ?::timestamptz end
        where workspace_id = ? and request_id = ?
        """,
        state,
        state,
        now.toString(),
        row.workspaceId(),
        row.id());
  }

  /** Deletes up to so many events of these profiles and says how many there were. */
  public int deleteEvents(
      Connection connection, String workspaceId, List<ProfileId> homes, int limit)
      throws SQLException {
    return execute(
        connection,
        """
        with doomed as (
          select e.profile_id, e.at, e.message_id, e.received_at from profile.event e
          where e.workspace_id = ? and e.profile_id = any(?::uuid[]) limit ?::int)
        delete from profile.event e using doomed d
        where e.workspace_id = ? and e.profile_id = d.profile_id and e.at = d.at
          and e.message_id = d.message_id and e.received_at = d.received_at
        """,
        workspaceId,
        Uuids.literal(homes),
        String.valueOf(limit),
        workspaceId);
  }

  /** Deletes whatever else speaks of these profiles, earlier exports included. */
  public void deleteTraces(Connection connection, String workspaceId, List<ProfileId> homes)
      throws SQLException {
    String ids = Uuids.literal(homes);
    for (String table : List.of("link", "ignored_trait")) {
      execute(
          connection,
          "delete from profile.%s where workspace_id = ? and profile_id = any(?::uuid[])"
              .formatted(table),
          workspaceId,
          ids);
    }
    execute(
        connection,
        """
        delete from profile.privacy_export x using profile.privacy_request_home h
        where h.workspace_id = ? and h.profile_id = any(?::uuid[])
          and x.workspace_id = h.workspace_id and x.request_id = h.request_id
        """,
        workspaceId,
        ids);
    int refused =
        execute(
            connection,
            """
            delete from profile.quarantine q
            where q.workspace_id is not distinct from ? and exists (
              select from unnest(?::text[]) as id where position(convert_to(id, 'UTF8') in q.original) > 0)
            """,
            workspaceId,
            homes.stream()
                .map(ProfileId::toString)
                .collect(java.util.stream.Collectors.joining(",", "{", "}")));
    totals.add(connection, Map.of(PipelineStore.DELETED, (long) refused));
  }

  /** When each service that leaves receipts was done with a request. */
  public Map<String, Optional<Instant>> receipts(String workspaceId, String requestId) {
    Map<String, Optional<Instant>> receipts = new TreeMap<>();
    for (String service : SERVICES) {
      String view = service + ".v_privacy_receipt";
      receipts.put(
          service,
          neighbours.has(view)
              ? sql.sql(
                      "select max(done_at) as done_at from %s where workspace_id = ? and request_id = ?"
                          .formatted(view))
                  .param(workspaceId)
                  .param(requestId)
                  .query((row, n) -> Optional.ofNullable(Identifiers.instant(row, "done_at")))
                  .single()
              : Optional.empty());
    }
    return receipts;
  }

  /** Requests that wait for other services. */
  public List<Row> waiting() {
    return sql.sql(
            "select * from profile.privacy_request where state = 'waiting' order by at limit 100")
        .query(PrivacyStore::row)
        .list();
  }

  /** One request. */
  public Optional<Row> find(String workspaceId, String id) {
    return sql.sql(
            "select * from profile.privacy_request where workspace_id = ? and request_id = ?")
        .param(workspaceId)
        .param(id)
        .query(PrivacyStore::row)
        .optional();
  }

  /** Requests, the latest first; ids grow with time. */
  public List<Row> list(String workspaceId, @Nullable String before, int limit) {
    return sql.sql(
            """
            select * from profile.privacy_request
            where workspace_id = :workspace and (:before::text is null or request_id < :before::text)
            order by request_id desc limit :limit
            """)
        .param("workspace", workspaceId)
        .param("before", before)
        .param("limit", limit)
        .query(PrivacyStore::row)
        .list();
  }

  private static Row row(ResultSet row, int number) throws SQLException {
    Instant at = Identifiers.instant(row, "at");
    return new Row(
        row.getString("workspace_id"),
        row.getString("request_id"),
        row.getString("kind"),
        new ProfileId(row.getObject("profile_id", UUID.class)),
        row.getString("state"),
        at == null ? Instant.EPOCH : at,
        Identifiers.instant(row, "finished_at"));
  }

  private static int execute(Connection connection, String sql, String... params)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < params.length; i++) {
        statement.setString(i + 1, params[i]);
      }
      return statement.executeUpdate();
    }
  }
}
