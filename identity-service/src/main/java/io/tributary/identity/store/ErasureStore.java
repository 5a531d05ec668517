package io.tributary.identity.store;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.Ids;
import io.tributary.event.ProfileId;
import io.tributary.identity.store.ComponentStore.Node;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.Schemas;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Forgets people whose erasure was requested: their identifiers, and whatever tells of these. Their
 * ids stay as bare nodes, so that nothing points into the void. What has joined them since is cut
 * loose and lives on.
 */
public final class ErasureStore {
  private static final int AT_ONCE = 20;

  // They find what to delete by the identifiers, so these go last.
  private static final List<String> READERS = List.of("ingestion", "campaign");
  private final Transactions transactions;
  private final EpochStore epochs = new EpochStore();
  private final ComponentStore components = new ComponentStore();
  private final LinkLog links;
  private final Clock clock;

  /** Links that end are told by the given log. */
  public ErasureStore(DataSource dataSource, ChangeLog changes, Clock clock) {
    this.transactions = new Transactions(dataSource);
    this.links = new LinkLog(changes);
    this.clock = clock;
  }

  /** A request with the homes that the person had when it was made. */
  public record Request(String workspaceId, String requestId, Set<UUID> homes) {
    /** Copies the homes. */
    public Request {
      homes = Set.copyOf(homes);
    }
  }

  /** Some of the requests that are not yet carried out here. */
  public List<Request> open() {
    return transactions.call(connection ->
        Schemas.has(connection, "profile.v_privacy_request")
            ? read(connection)
            : List.<Request>of());
  }

  /** Carries one out, and notes that; nothing if that's done already. */
  public boolean erase(Request request) {
    Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return transactions.call(connection -> {
      epochs.begin(connection, request.workspaceId(), 0);
      if (!receive(connection, request, at)) {
        return false;
      }
      Map<UUID, Node> nodes = components.lock(connection, request.workspaceId(), request.homes());
      forgetQuarantined(connection, request);
      handOver(connection, request, at);
      forget(connection, request);
      cutLoose(connection, request, nodes, at);
      return true;
    });
  }

  private static List<Request> read(Connection connection) throws SQLException {
    String sql =
        """
        select r.workspace_id, r.request_id, array_agg(distinct r.profile_id)
        from profile.v_privacy_request r
        where r.kind = 'erase' and not exists
            (select from identity.privacy_receipt p
             where p.workspace_id = r.workspace_id and p.request_id = r.request_id)
            %s
        group by r.workspace_id, r.request_id
        order by r.request_id
        limit ?
        """
            .formatted(readersAreDone(connection));
    List<Request> open = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, AT_ONCE);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          UUID[] homes = (UUID[]) row.getArray(3).getArray();
          open.add(new Request(row.getString(1), row.getString(2), Set.of(homes)));
        }
      }
    }
    return open;
  }

  private static String readersAreDone(Connection connection) throws SQLException {
    StringBuilder condition = new StringBuilder();
    for (String reader : READERS) {
      String view = reader + ".v_privacy_receipt";
      if (Schemas.has(connection, view)) {
        condition.append(
            """
            and exists (select from %s p
                        where p.workspace_id = r.workspace_id and p.request_id = r.request_id)
            """
                .formatted(view));
      }
    }
    return condition.toString();
  }

  private static boolean receive(Connection connection, Request request, Instant at)
      throws SQLException {
    String sql =
        """
        insert into identity.privacy_receipt (workspace_id, request_id, done_at) values (?, ?, ?)
        on conflict (workspace_id, request_id) do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, request.workspaceId());
      statement.setString(2, request.requestId());
      statement.setObject(3, Columns.utc(at));
      return statement.executeUpdate() == 1;
    }
  }

  /** Removes refused records that carry one of the identifiers as a JSON text, in any case. */
  private static void forgetQuarantined(Connection connection, Request request)
      throws SQLException {
    String sql =
        """
        delete from identity.quarantine q using identity.identifier i
        where i.workspace_id = ? and i.profile_id = any (?)
            and coalesce(q.workspace_id, i.workspace_id) = i.workspace_id
            and position(lower(encode(convert_to(to_json(i.value)::text, 'UTF8'), 'escape'))
                         in lower(encode(q.original, 'escape'))) > 0
        """;
    update(connection, sql, request);
  }

  /**
   * A device that others hold at other times goes to an unknown visitor for the erased person's
   * time: not to the others, who didn't do what was done then.
   */
  private static void handOver(Connection connection, Request request, Instant at)
      throws SQLException {
    String sql =
        """
        select distinct mine.value
        from identity.identifier mine
        join identity.identifier other using (workspace_id, type, value)
        where mine.workspace_id = ? and mine.profile_id = any (?) and mine.type = 'anonymousId'
            and other.profile_id <> all (?)
        """;
    List<Visitor> visitors = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, request);
      Columns.after(statement, request.homes(), 2).uuid(id -> id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          visitors.add(new Visitor(row.getString(1), Ids.uuid()));
        }
      }
    }
    if (!visitors.isEmpty()) {
      insertVisitors(connection, request, visitors, at);
      moveDevices(connection, request, visitors);
    }
  }

  private record Visitor(String device, UUID home) {}

  private static void insertVisitors(
      Connection connection, Request request, List<Visitor> visitors, Instant at)
      throws SQLException {
    String sql =
        """
        insert into identity.node (workspace_id, profile_id, canonical_id, created_at)
        select ?, id, id, ? from unnest(?::uuid[]) as id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, request.workspaceId());
      statement.setObject(2, Columns.utc(at));
      Columns.after(statement, visitors, 2).uuid(Visitor::home);
      statement.executeUpdate();
    }
  }

  private static void moveDevices(Connection connection, Request request, List<Visitor> visitors)
      throws SQLException {
    String sql =
        """
        update identity.identifier i set profile_id = k.home, first_message_id = ''
        from unnest(?::text[], ?::uuid[]) as k (device, home)
        where i.workspace_id = ? and i.profile_id = any (?) and i.type = 'anonymousId' and i.value = k.device
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, visitors).text(Visitor::device).uuid(Visitor::home);
      statement.setString(3, request.workspaceId());
      Columns.after(statement, request.homes(), 3).uuid(id -> id);
      statement.executeUpdate();
    }
  }

  private static void forget(Connection connection, Request request) throws SQLException {
    update(
        connection,
        "delete from identity.identifier where workspace_id = ? and profile_id = any (?)",
        request);
    for (String column : List.of("profile_id", "other_profile_id")) {
      update(
          connection,
          "delete from identity.refused_link where workspace_id = ? and %s = any (?)"
              .formatted(column),
          request);
    }
    for (String column : List.of("absorbed_id", "survivor_id")) {
      update(
          connection,
          "update identity.merge set cause = cause - 'messageId' where workspace_id = ? and %s = any (?)"
              .formatted(column),
          request);
    }
  }

  /** Ends every link between an erased home and one that isn't. */
  private void cutLoose(Connection connection, Request request, Map<UUID, Node> nodes, Instant at)
      throws SQLException {
    Set<UUID> cut = new HashSet<>();
    for (Node node : nodes.values()) {
      if (node.mergedInto() != null
          && request.homes().contains(node.id()) != request.homes().contains(node.mergedInto())) {
        cut.add(node.id());
      }
    }
    // Also without a cut: the root has lost its userId.
    components.cut(connection, request.workspaceId(), nodes, cut);
    Map<UUID, String> merges = close(connection, request, cut, at);
    List<ProfileLink> ended =
        cut.stream()
            .map(id -> Objects.requireNonNull(nodes.get(id)))
            .map(node ->
                new ProfileLink(
                    request.workspaceId(),
                    new ProfileId(node.id()),
                    null,
                    new ProfileId(Objects.requireNonNull(node.mergedInto())),
                    node.linkVersion() + 1,
                    Objects.requireNonNull(merges.get(node.id())),
                    "erasure",
                    at))
            .collect(Collectors.toList());
    links.append(connection, ended);
  }

  private static Map<UUID, String> close(
      Connection connection, Request request, Set<UUID> cut, Instant at) throws SQLException {
    String sql =
        """
        update identity.merge m set split_at = ?, split_by = 'erasure', split_version = m.version + 1
        where workspace_id = ? and absorbed_id = any (?) and split_at is null
        returning absorbed_id, merge_id
        """;
    Map<UUID, String> closed = new java.util.HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Columns.utc(at));
      statement.setString(2, request.workspaceId());
      Columns.after(statement, cut, 2).uuid(id -> id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          closed.put(row.getObject(1, UUID.class), row.getString(2));
        }
      }
    }
    return closed;
  }

  private static void update(Connection connection, String sql, Request request)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, request);
      statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, Request request) throws SQLException {
    statement.setString(1, request.workspaceId());
    Columns.after(statement, request.homes(), 1).uuid(id -> id);
  }
}
