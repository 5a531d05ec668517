package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import io.tributary.profile.merge.Claims;
import io.tributary.profile.merge.Families.Changed;
import io.tributary.profile.merge.Home;
import io.tributary.profile.merge.Person;
import io.tributary.profile.merge.ProfileKey;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads and writes rows of profiles for a batch. */
public final class ProfileStore {
  private static final int ATTEMPTS = 5;

  private static final String INSERT_MISSING =
      """
      insert into profile.profile (workspace_id, profile_id, canonical_id, total_event_count, homes)
      select k.workspace_id, k.profile_id, k.profile_id, 0, array[k.profile_id]
      from unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
      order by k.workspace_id, k.profile_id
      on conflict do nothing
      """;

  /**
   * Whole families. The roots are found without a lock, so a family may have changed until its rows
   * are locked: the caller looks at {@code homes} of the locked root, which changes under that lock
   * only.
   */
  private static final String LOCK =
      """
      with family as materialized (
        select p.workspace_id, p.canonical_id, bool_or(k.claims) as claims
        from unnest(?::text[], ?::uuid[], ?::boolean[]) as k(workspace_id, profile_id, claims)
        join profile.profile p on p.workspace_id = k.workspace_id and p.profile_id = k.profile_id
        group by p.workspace_id, p.canonical_id)
      select p.workspace_id, p.profile_id, p.canonical_id, p.merged_into, p.link_version,
             coalesce(%s, 0), p.event_count, %s, %s, p.change_no, p.erased_at is not null, p.homes, f.claims
      from family f
      join profile.profile p on p.workspace_id = f.workspace_id and p.canonical_id = f.canonical_id
      order by p.workspace_id, p.profile_id
      for update of p
      """
          .formatted(
              Columns.micros("p.linked_at"),
              Columns.micros("p.first_seen"),
              Columns.micros("p.last_seen"));

  private static final String CLAIMS =
      """
      select c.workspace_id, c.profile_id, coalesce(c.traits, '{}'), coalesce(c.consent, '{}')
      from unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
      join profile.claim c on c.workspace_id = k.workspace_id and c.profile_id = k.profile_id
      """;

  private static final String UPDATE =
      """
      update profile.profile p
      set canonical_id = u.canonical_id,
          merged_into = u.merged_into,
          link_version = u.link_version,
          linked_at = case when u.linked_at = 0 then null else %s end,
          event_count = u.event_count,
          first_seen = %s,
          last_seen = %s,
          change_no = u.change_no,
          total_event_count = u.total_event_count,
          total_first_seen = %s,
          total_last_seen = %s,
          homes = u.homes::uuid[]
      from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                  ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[])
           as u(workspace_id, profile_id, canonical_id, merged_into, link_version, linked_at, event_count,
                first_seen, last_seen, change_no, total_event_count, total_first_seen, total_last_seen, homes)
      where p.workspace_id = u.workspace_id and p.profile_id = u.profile_id
      """
          .formatted(
              Columns.time("u.linked_at"),
              Columns.time("u.first_seen"),
              Columns.time("u.last_seen"),
              Columns.time("u.total_first_seen"),
              Columns.time("u.total_last_seen"));

  private static final String UPDATE_CLAIMS =
      """
      insert into profile.claim as c (workspace_id, profile_id, traits, consent, resolved, resolved_consent)
      select u.workspace_id, u.profile_id, %s, %s, %s, %s
      from unnest(?::text[], ?::uuid[], ?::bytea[], ?::bytea[], ?::bytea[], ?::bytea[])
           as u(workspace_id, profile_id, traits, consent, resolved, resolved_consent)
      on conflict (workspace_id, profile_id) do update
      set traits = coalesce(excluded.traits, c.traits),
          consent = coalesce(excluded.consent, c.consent),
          resolved = excluded.resolved,
          resolved_consent = excluded.resolved_consent
      """
          .formatted(
              Columns.json("u.traits"),
              Columns.json("u.consent"),
              Columns.json("u.resolved"),
              Columns.json("u.resolved_consent"));

  /** The same with the claims of all. */
  public List<Home> lock(Connection connection, Collection<ProfileKey> keys) throws SQLException {
    return lock(connection, keys, Set.copyOf(keys));
  }

  /**
   * Locks the families of these profiles to the end of the transaction, in sorted order; creates
   * the profiles that don't exist.
   *
   * @param claimed those whose families' claims are needed; the others come with {@link
   *     Claims#UNREAD}, since most events touch none
   */
  public List<Home> lock(
      Connection connection, Collection<ProfileKey> keys, Set<ProfileKey> claimed)
      throws SQLException {
    List<ProfileKey> wanted = List.copyOf(new TreeSet<>(keys));
    if (wanted.isEmpty()) {
      return List.of();
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Map<ProfileKey, Locked> locked = lockFamilies(connection, wanted, claimed);
      if (isComplete(locked, wanted)) {
        return withClaims(connection, locked.values());
      }
      List<ProfileKey> missing = wanted.stream().filter(key -> !locked.containsKey(key)).toList();
      if (!missing.isEmpty()) {
        insertMissing(connection, missing);
      }
    }
    // The loop in common.stream takes this as a lost race: it rolls back and begins again.
    throw new SQLException("families changed while they were locked", "40001");
  }

  /** A home without its claims, which are read only when they are wanted. */
  private record Locked(Home home, Set<ProfileId> members, boolean claimed) {}

  /** Under the locks: read along with them, claims could be older than the locked row. */
  private static List<Home> withClaims(Connection connection, Collection<Locked> locked)
      throws SQLException {
    List<ProfileKey> claimed =
        locked.stream().filter(Locked::claimed).map(row -> row.home().key()).toList();
    Map<ProfileKey, Home> homes = new HashMap<>();
    locked.forEach(row ->
        homes.put(
            row.home().key(),
            row.claimed() ? row.home().claiming(Claims.NONE, Claims.NONE) : row.home()));
    if (!claimed.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(CLAIMS)) {
        bindKeys(connection, statement, claimed);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            Claims traits = Claims.stored(row.getString(3));
            Claims consent = Claims.stored(row.getString(4));
            homes.computeIfPresent(
                new ProfileKey(row.getString(1), id(row.getObject(2, UUID.class))),
                (_, home) -> home.claiming(traits, consent));
          }
        }
      }
    }
    return List.copyOf(homes.values());
  }

  private static boolean isComplete(Map<ProfileKey, Locked> locked, List<ProfileKey> wanted) {
    if (!locked.keySet().containsAll(wanted)) {
      return false;
    }
    for (Map.Entry<ProfileKey, Locked> entry : locked.entrySet()) {
      String workspace = entry.getKey().workspaceId();
      Locked root = locked.get(new ProfileKey(workspace, entry.getValue().home().canonicalId()));
      if (root == null || !root.members().contains(entry.getKey().id())) {
        return false;
      }
      for (ProfileId member : entry.getValue().members()) {
        if (!locked.containsKey(new ProfileKey(workspace, member))) {
          return false;
        }
      }
    }
    return true;
  }

  private static void insertMissing(Connection connection, List<ProfileKey> keys)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT_MISSING)) {
      bindKeys(connection, statement, keys);
      statement.executeUpdate();
    }
  }

  private static Map<ProfileKey, Locked> lockFamilies(
      Connection connection, List<ProfileKey> keys, Set<ProfileKey> claimed) throws SQLException {
    Map<ProfileKey, Locked> locked = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(LOCK)) {
      new Columns<>(connection, statement, keys)
          .text(ProfileKey::workspaceId)
          .uuid(key -> key.id().uuid())
          .flag(claimed::contains);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Home home = home(row);
          locked.put(home.key(), new Locked(home, members(row), row.getBoolean(13)));
        }
      }
    }
    return locked;
  }

  private static void bindKeys(
      Connection connection, PreparedStatement statement, List<ProfileKey> keys)
      throws SQLException {
    new Columns<>(connection, statement, keys)
        .text(ProfileKey::workspaceId)
        .uuid(key -> key.id().uuid());
  }

  private static Home home(ResultSet row) throws SQLException {
    return new Home(
        new ProfileKey(row.getString(1), id(row.getObject(2, UUID.class))),
        id(row.getObject(3, UUID.class)),
        optionalId(row.getObject(4, UUID.class)),
        row.getLong(5),
        row.getLong(6),
        Claims.UNREAD,
        Claims.UNREAD,
        row.getLong(7),
        optionalLong(row, 8),
        optionalLong(row, 9),
        row.getLong(10),
        row.getBoolean(11));
  }

  private static Set<ProfileId> members(ResultSet row) throws SQLException {
    java.sql.Array array = row.getArray(12);
    if (array == null) {
      return Set.of();
    }
    Set<ProfileId> members = new HashSet<>();
    for (Object uuid : (Object[]) array.getArray()) {
      members.add(id((UUID) uuid));
    }
    return members;
  }

  private static ProfileId id(UUID uuid) {
    return new ProfileId(uuid);
  }

  private static @Nullable ProfileId optionalId(@Nullable UUID uuid) {
    return uuid == null ? null : new ProfileId(uuid);
  }

  private static @Nullable Long optionalLong(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : (Long) value;
  }

  /** Writes rows that {@link #lock} has locked. */
  public void update(Connection connection, List<Changed> changed) throws SQLException {
    if (changed.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      new Columns<>(connection, statement, changed)
          .text(row -> row.home().key().workspaceId())
          .uuid(row -> row.home().key().id().uuid())
          .uuid(row -> row.home().canonicalId().uuid())
          .uuid(row -> row.home().mergedInto() == null ? null : row.home().mergedInto().uuid())
          .number(row -> row.home().linkVersion())
          .number(row -> row.home().linkedMicros())
          .number(row -> row.home().eventCount())
          .number(row -> row.home().firstSeen())
          .number(row -> row.home().lastSeen())
          .number(row -> row.home().changeNo())
          .number(row -> row.person() == null ? null : (Long) row.person().eventCount())
          .number(row -> row.person() == null ? null : row.person().firstSeen())
          .number(row -> row.person() == null ? null : row.person().lastSeen())
          .text(row -> row.person() == null ? null : Uuids.literal(row.person().homeIds()));
      int rows = statement.executeUpdate();
      if (rows != changed.size()) {
        throw new IllegalStateException("updated " + rows + " of " + changed.size() + " profiles");
      }
    }
    updateClaims(connection, changed.stream().filter(Changed::claims).toList());
  }

  private static void updateClaims(Connection connection, List<Changed> changed)
      throws SQLException {
    if (changed.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(UPDATE_CLAIMS)) {
      new Columns<>(connection, statement, changed)
          .text(row -> row.home().key().workspaceId())
          .uuid(row -> row.home().key().id().uuid())
          .bytes(row -> row.traits() ? row.home().traits().encode() : null)
          .bytes(row -> row.consent() ? row.home().consent().encode() : null)
          .bytes(row -> traits(row.person()))
          .bytes(row -> consent(row.person()));
      statement.executeUpdate();
    }
  }

  private static byte @Nullable [] traits(@Nullable Person person) {
    return person == null ? null : Person.plain(person.traits());
  }

  private static byte @Nullable [] consent(@Nullable Person person) {
    return person == null ? null : Person.plain(person.consent());
  }

  /** The canonical profile of each that exists. */
  public Map<ProfileKey, ProfileId> canonical(Connection connection, Collection<ProfileKey> keys)
      throws SQLException {
    String sql =
        """
        select p.workspace_id, p.profile_id, p.canonical_id
        from unnest(?::text[], ?::uuid[]) as k(workspace_id, profile_id)
        join profile.profile p on p.workspace_id = k.workspace_id and p.profile_id = k.profile_id
        """;
    Map<ProfileKey, ProfileId> canonical = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bindKeys(connection, statement, new ArrayList<>(keys));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          canonical.put(
              new ProfileKey(row.getString(1), id(row.getObject(2, UUID.class))),
              id(row.getObject(3, UUID.class)));
        }
      }
    }
    return canonical;
  }
}
