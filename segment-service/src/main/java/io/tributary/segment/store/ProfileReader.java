package io.tributary.segment.store;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the profile store through its published views. */
public final class ProfileReader {
  /** Numbers in conditions are exact, so those in traits and events must be, too. */
  public static final JsonMapper EXACT =
      JsonMapper.builder(Json.FACTORY)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  /**
   * A profile that stands for itself.
   *
   * @param homes all ids whose events and traits are its own, itself included
   */
  public record Root(ProfileKey key, JsonNode traits, List<ProfileKey> homes) {
    /** Copies the list. */
    public Root {
      homes = List.copyOf(homes);
    }
  }

  /** The root that each of these belongs to now; those that don't exist (any more) are left out. */
  public Map<ProfileKey, ProfileKey> roots(Connection connection, Collection<ProfileKey> keys)
      throws SQLException {
    Map<ProfileKey, ProfileKey> roots = new HashMap<>();
    if (keys.isEmpty()) {
      return roots;
    }
    String sql =
        """
        select p.workspace_id, p.profile_id, p.canonical_id from profile.v_profile p
        join unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
            on p.workspace_id = k.workspace_id and p.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          ProfileKey key = Arrays.key(row);
          roots.put(key, key.sibling(new ProfileId(row.getObject("canonical_id", UUID.class))));
        }
      }
    }
    return roots;
  }

  /**
   * What the store knows of some ids at one moment.
   *
   * @param rootOf the root of each that exists
   * @param roots those of them that stand for themselves, with their state
   */
  public record Loaded(Map<ProfileKey, ProfileKey> rootOf, Map<ProfileKey, Root> roots) {}

  /** How these are at this moment. */
  public Loaded load(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    Loaded loaded = new Loaded(new HashMap<>(), new HashMap<>());
    if (keys.isEmpty()) {
      return loaded;
    }
    String sql =
        """
        select p.workspace_id, p.profile_id, p.canonical_id, p.is_root, case when p.is_root then p.traits::text end as traits, p.homes
        from profile.v_profile p
        join unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
            on p.workspace_id = k.workspace_id and p.profile_id = k.profile_id
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.workspaces(connection, keys));
      statement.setArray(2, Arrays.profiles(connection, keys));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          ProfileKey key = Arrays.key(row);
          UUID root = row.getObject("canonical_id", UUID.class);
          loaded.rootOf().put(key, key.sibling(new ProfileId(root)));
          if (row.getBoolean("is_root")) {
            JsonNode traits = traits(row.getString("traits"));
            loaded.roots().put(key, new Root(key, traits, homes(key, row.getArray("homes"))));
          }
        }
      }
    }
    return loaded;
  }

  private static JsonNode traits(@Nullable String json) {
    return json == null ? EXACT.createObjectNode() : EXACT.readTree(json);
  }

  private static List<ProfileKey> homes(ProfileKey root, @Nullable Array homes)
      throws SQLException {
    if (homes == null) {
      return List.of(root);
    }
    return java.util.Arrays.stream((UUID[]) homes.getArray())
        .map(home -> root.sibling(new ProfileId(home)))
        .toList();
  }

  /**
   * A page of the workspace's profile ids in ascending order.
   *
   * @param after the last one of the page before; null at the beginning
   * @param rootsOnly leaves out those that were merged into others
   */
  public List<ProfileId> page(
      Connection connection,
      String workspaceId,
      @Nullable ProfileId after,
      boolean rootsOnly,
      int limit)
      throws SQLException {
    String sql =
        """
        select profile_id from profile.v_profile
        where workspace_id = ? and profile_id > ? and (is_root or not ?)
        order by profile_id limit ?
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setObject(2, after == null ? new UUID(0, 0) : after.uuid());
      statement.setBoolean(3, rootsOnly);
      statement.setInt(4, limit);
      return ids(statement);
    }
  }

  /** How many profile ids the workspace has. */
  public long count(Connection connection, String workspaceId) throws SQLException {
    String sql = "select count(*) from profile.v_profile where workspace_id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  static List<ProfileId> ids(PreparedStatement statement) throws SQLException {
    List<ProfileId> ids = new java.util.ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        ids.add(new ProfileId(row.getObject(1, UUID.class)));
      }
    }
    return ids;
  }
}
