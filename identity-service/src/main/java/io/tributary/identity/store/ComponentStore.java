package io.tributary.identity.store;

import io.tributary.identity.resolve.Order;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Whole components, for the rare operations that take links away. */
final class ComponentStore {

  /** A home and its link. */
  record Node(UUID id, UUID canonical, @Nullable UUID mergedInto, long linkVersion) {}

  private record Rebuilt(UUID id, UUID canonical, @Nullable String userId, int homes) {}

  /** Locks and reads every home of the components that the given homes belong to, by id. */
  Map<UUID, Node> lock(Connection connection, String workspaceId, Collection<UUID> homes)
      throws SQLException {
    String sql =
        """
        select profile_id, canonical_id, merged_into, link_version from identity.node
        where workspace_id = ? and canonical_id in
            (select canonical_id from identity.node where workspace_id = ? and profile_id = any (?))
        order by profile_id for update
        """;
    Map<UUID, Node> nodes = new TreeMap<>(Order.BY_ID);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, workspaceId);
      Columns.after(statement, homes, 2).uuid(id -> id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Node node =
              new Node(
                  row.getObject(1, UUID.class),
                  row.getObject(2, UUID.class),
                  row.getObject(3, UUID.class),
                  row.getLong(4));
          nodes.put(node.id(), node);
        }
      }
    }
    return nodes;
  }

  /**
   * Cuts the links of some nodes of locked, whole components and writes what that makes of their
   * roots.
   */
  void cut(Connection connection, String workspaceId, Map<UUID, Node> nodes, Set<UUID> cut)
      throws SQLException {
    unlink(connection, workspaceId, cut);
    Map<UUID, UUID> parents = new HashMap<>();
    for (Node node : nodes.values()) {
      if (node.mergedInto() != null && !cut.contains(node.id())) {
        parents.put(node.id(), node.mergedInto());
      }
    }
    Map<UUID, List<UUID>> components = new TreeMap<>(Order.BY_ID);
    for (UUID id : nodes.keySet()) {
      components.computeIfAbsent(root(parents, id), _ -> new ArrayList<>()).add(id);
    }
    Map<UUID, String> users = userIds(connection, workspaceId, nodes.keySet());
    List<Rebuilt> rebuilt = new ArrayList<>(nodes.size());
    components.forEach((root, members) -> {
      String user =
          members.stream().map(users::get).filter(Objects::nonNull).findFirst().orElse(null);
      for (UUID member : members) {
        boolean isRoot = member.equals(root);
        rebuilt.add(new Rebuilt(member, root, isRoot ? user : null, isRoot ? members.size() : 0));
      }
    });
    write(connection, workspaceId, rebuilt);
  }

  private static UUID root(Map<UUID, UUID> parents, UUID home) {
    Set<UUID> seen = new HashSet<>();
    UUID at = home;
    while (parents.containsKey(at)) {
      if (!seen.add(at)) {
        throw new IllegalStateException("the links of home " + home + " run in a circle");
      }
      at = Objects.requireNonNull(parents.get(at));
    }
    return at;
  }

  private static void unlink(Connection connection, String workspaceId, Set<UUID> cut)
      throws SQLException {
    String sql =
        """
        update identity.node
        set merged_into = null, canonical_id = profile_id, link_version = link_version + 1
        where workspace_id = ? and profile_id = any (?) and merged_into is not null
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      Columns.after(statement, cut, 1).uuid(id -> id);
      int updated = statement.executeUpdate();
      if (updated != cut.size()) {
        throw new IllegalStateException("of " + cut.size() + " links " + updated + " were cut");
      }
    }
  }

  private static Map<UUID, String> userIds(
      Connection connection, String workspaceId, Collection<UUID> homes) throws SQLException {
    String sql =
        """
        select profile_id, value from identity.identifier
        where workspace_id = ? and profile_id = any (?) and type = 'userId'
        """;
    Map<UUID, String> users = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      Columns.after(statement, homes, 1).uuid(id -> id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          users.put(row.getObject(1, UUID.class), row.getString(2));
        }
      }
    }
    return users;
  }

  private static void write(Connection connection, String workspaceId, List<Rebuilt> nodes)
      throws SQLException {
    String sql =
        """
        update identity.node n
        set canonical_id = k.canonical_id, user_id = k.user_id, homes = k.homes
        from unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[]) as k (profile_id, canonical_id, user_id, homes)
        where n.workspace_id = ? and n.profile_id = k.profile_id
            and (n.canonical_id, n.user_id, n.homes) is distinct from (k.canonical_id, k.user_id, k.homes)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, nodes)
          .uuid(Rebuilt::id)
          .uuid(Rebuilt::canonical)
          .text(Rebuilt::userId)
          .number(Rebuilt::homes);
      statement.setString(5, workspaceId);
      statement.executeUpdate();
    }
  }
}
