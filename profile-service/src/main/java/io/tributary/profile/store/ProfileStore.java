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
      insert into profile.profile (workspace_id, profile_id, canonical_id, resolved, resolved_consent,
                                   total_event_count, homes)
      select k.workspace_id, k.profile_id, k.profile_id, '{}', '{}', 0, array[k.profile_id]
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
             coalesce(%s, 0), case when f.claims then p.traits end, case when f.claims then p.consent end,
             p.event_count, %s, %s, p.change_no,
             p.erased_at is not null, p.homes
      from family f
      join profile.profile p on p.workspace_id = f.workspace_id and p.canonical_id = f.canonical_id
      order by p.workspace_id, p.profile_id
      for update of p
      """
          .formatted(
              Columns.micros("p.linked_at"),
              Columns.micros("p.first_seen"),
              Columns.micros("p.last_seen"));

  private static final String UPDATE =
      """
      update profile.profile p
      set canonical_id = u.canonical_id,
          merged_into = u.merged_into,
          link_version = u.link_version,
          linked_at = case when u.linked_at = 0 then null else %s end,
          traits = coalesce(%s, p.traits),
          consent = coalesce(%s, p.consent),
          event_count = u.event_count,
          first_seen = %s,
          last_seen = %s,
          change_no = u.change_no,
          resolved = case when u.homes is null then null else coalesce(%s, p.resolved) end,
          resolved_consent = case when u.homes is null then null else coalesce(%s, p.resolved_consent) end,
          total_event_count = u.total_event_count,
          total_first_seen = %s,
          total_last_seen = %s,
          homes = u.homes::uuid[]
      from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[],
                  ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[], ?::bigint[],
                  ?::bigint[], ?::bigint[], ?::text[])
           as u(workspace_id, profile_id, canonical_id, merged_into, link_version, linked_at, traits, consent,
                event_count, first_seen, last_seen, change_no, resolved, resolved_consent, total_event_count,
                total_first_seen, total_last_seen, homes)
      where p.workspace_id = u.workspace_id and p.profile_id = u.profile_id
      """
          .formatted(
              Columns.time("u.linked_at"),
              Columns.json("u.traits"),
              Columns.json("u.consent"),
              Columns.time("u.first_seen"),
              Columns.time("u.last_seen"),
              Columns.json("u.resolved"),
              Columns.json("u.resolved_consent"),
              Columns.time("u.total_first_seen"),
              Columns.time("u.total_last_seen"));

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
        return locked.values().stream().map(Locked::home).toList();
      }
      List<ProfileKey> missing = wanted.stream().filter(key -> !locked.containsKey(key)).toList();
      if (!missing.isEmpty()) {
        insertMissing(connection, missing);
      }
    }
    // The loop in common.stream takes this as a lost race: it rolls back and begins again.
    throw new SQLException("families changed while they were locked", "40001");
  }

  private record Locked(Home home, Set<ProfileId> members) {}

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
          locked.put(home.key(), new Locked(home, members(row)));
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
        Claims.stored(row.getString(7)),
        Claims.stored(row.getString(8)),
        row.getLong(9),
        optionalLong(row, 10),
        optionalLong(row, 11),
        row.getLong(12),
        row.getBoolean(13));
  }

  private static Set<ProfileId> members(ResultSet row) throws SQLException {
    java.sql.Array array = row.getArray(14);
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
          .bytes(row -> row.traits() ? row.home().traits().encode() : null)
          .bytes(row -> row.consent() ? row.home().consent().encode() : null)
          .number(row -> row.home().eventCount())
          .number(row -> row.home().firstSeen())
          .number(row -> row.home().lastSeen())
          .number(row -> row.home().changeNo())
          .bytes(row -> row.resolve() ? traits(row.person()) : null)
          .bytes(row -> row.resolve() ? consent(row.person()) : null)
          .number(row -> row.person() == null ? null : (Long) row.person().eventCount())
          .number(row -> row.person() == null ? null : row.person().firstSeen())
          .number(row -> row.person() == null ? null : row.person().lastSeen())
          .text(row -> row.person() == null ? null : Uuids.literal(row.person().homeIds()));
      int rows = statement.executeUpdate();
      if (rows != changed.size()) {
        throw new IllegalStateException("updated " + rows + " of " + changed.size() + " profiles");
      }
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
