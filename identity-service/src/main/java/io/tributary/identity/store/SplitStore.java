package io.tributary.identity.store;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.ProfileId;
import io.tributary.identity.store.ComponentStore.Node;
import io.tributary.stream.ChangeLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Takes a merge back: the absorbed profile stands by itself again, with everything that was merged
 * into it before, and no event joins the two again.
 */
public final class SplitStore {
  private final Transactions transactions;
  private final EpochStore epochs = new EpochStore();
  private final ComponentStore components = new ComponentStore();
  private final LinkLog links;
  private final Clock clock;

  /** Splits are told by the given log. */
  public SplitStore(DataSource dataSource, ChangeLog changes, Clock clock) {
    this.transactions = new Transactions(dataSource);
    this.links = new LinkLog(changes);
    this.clock = clock;
  }

  /** What became of a wish to split. */
  public sealed interface Outcome {
    /** It's done. */
    record Done(String mergeId, UUID absorbed, UUID survivor, Instant at) implements Outcome {}

    /** It had been done before. */
    record AlreadySplit() implements Outcome {}

    /** The profile has no such merge. */
    record Unknown() implements Outcome {}
  }

  private record Merged(UUID absorbed, UUID survivor, boolean split) {}

  /**
   * Splits one merge of a profile.
   *
   * @param by who wishes it: the id of an API token
   */
  public Outcome split(String workspaceId, UUID profile, String mergeId, String by) {
    Instant at = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return transactions.call(connection -> {
      Optional<Merged> found = find(connection, workspaceId, profile, mergeId);
      if (found.isEmpty()) {
        return new Outcome.Unknown();
      }
      epochs.begin(connection, workspaceId, 0);
      // Another split may have been first while this one waited for its turn.
      Merged merged = find(connection, workspaceId, profile, mergeId).orElseThrow();
      if (merged.split()) {
        return new Outcome.AlreadySplit();
      }
      split(connection, workspaceId, mergeId, merged, by, at);
      return new Outcome.Done(mergeId, merged.absorbed(), merged.survivor(), at);
    });
  }

  private void split(
      Connection connection,
      String workspaceId,
      String mergeId,
      Merged merged,
      String by,
      Instant at)
      throws SQLException {
    UUID absorbed = merged.absorbed();
    Map<UUID, Node> nodes = components.lock(connection, workspaceId, List.of(absorbed));
    long version = java.util.Objects.requireNonNull(nodes.get(absorbed)).linkVersion() + 1;
    components.cut(connection, workspaceId, nodes, Set.of(absorbed));
    close(connection, workspaceId, mergeId, version, by, at);
    if (veto(connection, workspaceId, mergeId, merged, at)) {
      epochs.begin(connection, workspaceId, 1);
    }
    links.append(connection, List.of(link(workspaceId, mergeId, merged, version, at)));
  }

  private static ProfileLink link(
      String workspaceId, String mergeId, Merged merged, long version, Instant at) {
    return new ProfileLink(
        workspaceId,
        new ProfileId(merged.absorbed()),
        null,
        new ProfileId(merged.survivor()),
        version,
        mergeId,
        "split by hand",
        at);
  }

  /** The merge, if it's one of the component that the profile belongs to. */
  private static Optional<Merged> find(
      Connection connection, String workspaceId, UUID profile, String mergeId) throws SQLException {
    String sql =
        """
        select m.absorbed_id, m.survivor_id, m.split_at is not null
        from identity.merge m
        join identity.node p on p.workspace_id = m.workspace_id and p.profile_id = ?
        join identity.node a on a.workspace_id = m.workspace_id and a.profile_id = m.absorbed_id
        join identity.node s on s.workspace_id = m.workspace_id and s.profile_id = m.survivor_id
        where m.workspace_id = ? and m.merge_id = ? and p.canonical_id in (a.canonical_id, s.canonical_id)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, profile);
      statement.setString(2, workspaceId);
      statement.setString(3, mergeId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Merged(
                    row.getObject(1, UUID.class), row.getObject(2, UUID.class), row.getBoolean(3)))
            : Optional.empty();
      }
    }
  }

  private static void close(
      Connection connection,
      String workspaceId,
      String mergeId,
      long version,
      String by,
      Instant at)
      throws SQLException {
    String sql =
        """
        update identity.merge set split_at = ?, split_by = ?, split_version = ?
        where workspace_id = ? and merge_id = ? and split_at is null
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, Columns.utc(at));
      statement.setString(2, by);
      statement.setLong(3, version);
      statement.setString(4, workspaceId);
      statement.setString(5, mergeId);
      if (statement.executeUpdate() != 1) {
        throw new IllegalStateException("merge " + mergeId + " was split by somebody else");
      }
    }
  }

  private static boolean veto(
      Connection connection, String workspaceId, String mergeId, Merged merged, Instant at)
      throws SQLException {
    String sql =
        """
        insert into identity.veto (workspace_id, low, high, merge_id, at)
        values (?, least(?::uuid, ?::uuid), greatest(?::uuid, ?::uuid), ?, ?)
        on conflict (workspace_id, low, high) do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setObject(2, merged.absorbed());
      statement.setObject(3, merged.survivor());
      statement.setObject(4, merged.absorbed());
      statement.setObject(5, merged.survivor());
      statement.setString(6, mergeId);
      statement.setObject(7, Columns.utc(at));
      return statement.executeUpdate() == 1;
    }
  }
}
