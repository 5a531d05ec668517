package io.tributary.identity.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tributary.identity.resolve.Facts;
import io.tributary.identity.resolve.Facts.Holding;
import io.tributary.identity.resolve.Facts.Root;
import io.tributary.identity.resolve.Facts.Veto;
import io.tributary.identity.resolve.Identifier;
import io.tributary.identity.resolve.Order;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
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

/**
 * Reads what a batch needs to know, with a bounded cache in front.
 *
 * <p>What is cached can be out of date but never wrong enough to harm. An identifier of a single
 * owner keeps its home, and components only grow, until something is taken away, which begins a new
 * epoch; the epoch is part of the cache's keys. So a cached root may have been absorbed since or
 * got a userId since: a decision to write is therefore always taken again from locked rows. Only
 * reads go into the cache, and a batch reads before it writes: its own rows, which may yet be
 * rolled back, never get there.
 *
 * <p>{@code lateral (… offset 0)} makes one index search per key the only plan: left to itself, the
 * planner reads whole tables until long after that has become the slower way.
 */
public final class FactStore {
  private static final int MAX_HOLDINGS = 32;
  private final Cache<OwnerKey, UUID> owners;
  private final Cache<HomeKey, Root> roots;

  private record OwnerKey(Identifier identifier, long epoch) {}

  private record HomeKey(UUID home, long epoch) {}

  private record Home(String workspaceId, UUID id) {}

  /** A store that remembers up to {@code maxCached} owners and as many roots. */
  public FactStore(long maxCached) {
    this.owners = Caffeine.newBuilder().maximumSize(maxCached).build();
    this.roots = Caffeine.newBuilder().maximumSize(maxCached).build();
  }

  /**
   * The facts about some identifiers, each once, within the workspaces' epochs that the transaction
   * holds.
   *
   * @param fresh whether to read everything from the database
   */
  public Facts load(
      Connection connection, Map<String, Epoch> epochs, Collection<Lookup> lookups, boolean fresh)
      throws SQLException {
    Map<Identifier, List<Holding>> holdings = holdings(connection, epochs, lookups, fresh);
    Set<Home> homes = new HashSet<>();
    holdings.forEach((identifier, held) ->
        held.forEach(h -> homes.add(new Home(identifier.workspaceId(), h.home()))));
    Map<UUID, Root> known = roots(connection, epochs, homes, fresh);
    boolean vetoed = epochs.values().stream().anyMatch(epoch -> epoch.vetoes() > 0);
    return new Facts(holdings, known, vetoed ? vetoes(connection, known.values()) : Set.of());
  }

  private Map<Identifier, List<Holding>> holdings(
      Connection connection, Map<String, Epoch> epochs, Collection<Lookup> lookups, boolean fresh)
      throws SQLException {
    Map<Identifier, List<Holding>> found = HashMap.newHashMap(lookups.size());
    List<Lookup> missing = new ArrayList<>();
    for (Lookup lookup : lookups) {
      Identifier identifier = lookup.identifier();
      UUID cached =
          fresh || identifier.isHeldOverTime()
              ? null
              : owners.getIfPresent(new OwnerKey(identifier, number(epochs, identifier)));
      if (cached == null) {
        missing.add(lookup);
      } else {
        found.put(identifier, List.of(new Holding(Holding.ALWAYS, cached)));
      }
    }
    readHoldings(connection, missing, found);
    for (Lookup lookup : missing) {
      Identifier identifier = lookup.identifier();
      List<Holding> held = found.get(identifier);
      if (held != null && !identifier.isHeldOverTime()) {
        owners.put(new OwnerKey(identifier, number(epochs, identifier)), held.getFirst().home());
      }
    }
    return found;
  }

  private static long number(Map<String, Epoch> epochs, Identifier identifier) {
    return Objects.requireNonNull(epochs.get(identifier.workspaceId())).number();
  }

  /**
   * Reads the last holdings up to the latest time; where these don't reach back to the earliest, as
   * on a till that changes hands all day, exactly those of the time between.
   */
  private static void readHoldings(
      Connection connection, List<Lookup> lookups, Map<Identifier, List<Holding>> found)
      throws SQLException {
    if (lookups.isEmpty()) {
      return;
    }
    String last =
        """
        select k.n, i.valid_from, i.profile_id
        from unnest(?::text[], ?::text[], ?::text[], ?::timestamptz[])
            with ordinality as k (workspace_id, type, value, latest, n)
        cross join lateral
            (select * from identity.identifier i
             where i.workspace_id = k.workspace_id and i.type = k.type and i.value = k.value
                 and i.valid_from <= k.latest
             order by i.valid_from desc limit %s) as i
        order by k.n, i.valid_from
        """
            .formatted(MAX_HOLDINGS);
    try (PreparedStatement statement = connection.prepareStatement(last)) {
      keys(statement, lookups).time(Lookup::latest);
      collect(statement, lookups, found);
    }
    List<Lookup> incomplete =
        lookups.stream().filter(lookup -> !reachesBack(lookup, found)).toList();
    if (!incomplete.isEmpty()) {
      incomplete.forEach(lookup -> found.remove(lookup.identifier()));
      readBetween(connection, incomplete, found);
    }
  }

  private static boolean reachesBack(Lookup lookup, Map<Identifier, List<Holding>> found) {
    List<Holding> held = found.get(lookup.identifier());
    return held == null
        || held.size() < MAX_HOLDINGS
        || !held.getFirst().from().isAfter(lookup.earliest());
  }

  private static void readBetween(
      Connection connection, List<Lookup> lookups, Map<Identifier, List<Holding>> found)
      throws SQLException {
    String between =
        """
        select k.n, i.valid_from, i.profile_id
        from unnest(?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
            with ordinality as k (workspace_id, type, value, latest, earliest, n)
        cross join lateral
            (select * from identity.identifier i
             where i.workspace_id = k.workspace_id and i.type = k.type and i.value = k.value
                 and i.valid_from <= k.latest
                 and i.valid_from >=
                     (select max(f.valid_from) from identity.identifier f
                      where f.workspace_id = k.workspace_id and f.type = k.type and f.value = k.value
                          and f.valid_from <= k.earliest)
             offset 0) as i
        order by k.n, i.valid_from
        """;
    try (PreparedStatement statement = connection.prepareStatement(between)) {
      keys(statement, lookups).time(Lookup::latest).time(Lookup::earliest);
      collect(statement, lookups, found);
    }
  }

  private static Columns<Lookup> keys(PreparedStatement statement, List<Lookup> lookups)
      throws SQLException {
    return Columns.of(statement, lookups)
        .text(lookup -> lookup.identifier().workspaceId())
        .text(lookup -> lookup.identifier().type())
        .text(lookup -> lookup.identifier().value());
  }

  private static void collect(
      PreparedStatement statement, List<Lookup> lookups, Map<Identifier, List<Holding>> found)
      throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Identifier identifier = lookups.get(row.getInt(1) - 1).identifier();
        found
            .computeIfAbsent(identifier, _ -> new ArrayList<>(1))
            .add(
                new Holding(
                    Columns.instant(row.getObject(2, OffsetDateTime.class)),
                    row.getObject(3, UUID.class)));
      }
    }
  }

  private Map<UUID, Root> roots(
      Connection connection, Map<String, Epoch> epochs, Set<Home> homes, boolean fresh)
      throws SQLException {
    Map<UUID, Root> found = HashMap.newHashMap(homes.size());
    List<Home> missing = new ArrayList<>();
    for (Home home : homes) {
      Root cached = fresh ? null : roots.getIfPresent(key(epochs, home));
      if (cached == null) {
        missing.add(home);
      } else {
        found.put(home.id(), cached);
      }
    }
    if (!missing.isEmpty()) {
      Map<UUID, Root> read = readRoots(connection, missing);
      for (Home home : missing) {
        Root root = read.get(home.id());
        if (root == null) {
          throw new IllegalStateException(
              "identifiers belong to home " + home.id() + ", which is no node");
        }
        roots.put(key(epochs, home), root);
        found.put(home.id(), root);
      }
    }
    return found;
  }

  private static HomeKey key(Map<String, Epoch> epochs, Home home) {
    Epoch epoch = Objects.requireNonNull(epochs.get(home.workspaceId()));
    return new HomeKey(home.id(), epoch.number());
  }

  private static Map<UUID, Root> readRoots(Connection connection, List<Home> homes)
      throws SQLException {
    String sql =
        """
        select k.profile_id, r.profile_id, r.workspace_id, r.created_at, r.user_id, r.homes, r.link_version
        from unnest(?::text[], ?::uuid[]) as k (workspace_id, profile_id)
        cross join lateral
            (select r.* from identity.node n
             join identity.node r on r.workspace_id = n.workspace_id and r.profile_id = n.canonical_id
             where n.workspace_id = k.workspace_id and n.profile_id = k.profile_id offset 0) as r
        """;
    Map<UUID, Root> found = HashMap.newHashMap(homes.size());
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, homes).text(Home::workspaceId).uuid(Home::id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.put(
              row.getObject(1, UUID.class),
              new Root(
                  row.getObject(2, UUID.class),
                  row.getString(3),
                  row.getObject(4, OffsetDateTime.class).toInstant(),
                  row.getString(5),
                  row.getInt(6),
                  row.getLong(7)));
        }
      }
    }
    return found;
  }

  private static Set<Veto> vetoes(Connection connection, Collection<Root> known)
      throws SQLException {
    Map<UUID, Root> distinct = new TreeMap<>(Order.BY_ID);
    known.forEach(root -> distinct.put(root.id(), root));
    String sql =
        """
        select one.canonical_id, other.canonical_id
        from unnest(?::text[], ?::uuid[]) as k (workspace_id, canonical_id)
        join identity.node one using (workspace_id, canonical_id)
        join identity.veto v on v.workspace_id = one.workspace_id and v.low = one.profile_id
        join identity.node other on other.workspace_id = v.workspace_id and other.profile_id = v.high
        """;
    Set<Veto> found = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, distinct.values()).text(Root::workspaceId).uuid(Root::id);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(Veto.of(row.getObject(1, UUID.class), row.getObject(2, UUID.class)));
        }
      }
    }
    return found;
  }
}
