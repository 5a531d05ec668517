package io.tributary.identity.store;

import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.identity.resolve.Decisions;
import io.tributary.identity.resolve.Decisions.Assignment;
import io.tributary.identity.resolve.Decisions.Cause;
import io.tributary.identity.resolve.Decisions.ChangedRoot;
import io.tributary.identity.resolve.Decisions.Merge;
import io.tributary.identity.resolve.Decisions.NewNode;
import io.tributary.identity.resolve.Decisions.Refusal;
import io.tributary.stream.InputRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;

/**
 * Writes what was decided, one statement per table. Roots that change must be locked and the
 * decisions taken from what was read under these locks.
 */
public final class DecisionStore {

  /** The roots that the decisions change and rest on. */
  public Set<RootKey> locksFor(Decisions decisions) {
    Set<RootKey> keys = new TreeSet<>();
    for (ChangedRoot root : decisions.changedRoots()) {
      keys.add(new RootKey(root.workspaceId(), root.id()));
    }
    for (Merge merge : decisions.merges()) {
      if (merge.wasKnown()) {
        keys.add(new RootKey(merge.workspaceId(), merge.absorbed()));
      }
    }
    return keys;
  }

  /**
   * Locks roots until the transaction ends, always in the same order; others may have changed them
   * in the meantime, so they must be read again.
   */
  public void lock(Connection connection, List<RootKey> keys) throws SQLException {
    String sql =
        """
        select n.profile_id
        from unnest(?::text[], ?::uuid[]) as k (workspace_id, profile_id)
        join identity.node n using (workspace_id, profile_id)
        order by n.profile_id
        for update of n
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, keys).text(RootKey::workspaceId).uuid(RootKey::id);
      statement.execute();
    }
  }

  /**
   * Writes them.
   *
   * @param records the record of each event, in the order of the resolutions
   */
  public void write(
      Connection connection, Decisions decisions, List<InputRecord> records, Instant now)
      throws SQLException {
    insertNodes(connection, decisions.newNodes());
    updateRoots(connection, decisions.changedRoots());
    absorb(connection, decisions.merges().stream().filter(Merge::wasKnown).toList());
    insertIdentifiers(connection, decisions.assignments(), now);
    insertMerges(connection, decisions.merges(), records, now);
    insertRefusals(connection, decisions.refusals());
  }

  private static void insertNodes(Connection connection, List<NewNode> nodes) throws SQLException {
    if (nodes.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into identity.node
            (workspace_id, profile_id, canonical_id, merged_into, link_version, user_id, homes, created_at)
        select * from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::int[],
            ?::timestamptz[])
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, nodes)
          .text(NewNode::workspaceId)
          .uuid(NewNode::id)
          .uuid(NewNode::canonical)
          .uuid(NewNode::mergedInto)
          .number(NewNode::linkVersion)
          .text(NewNode::userId)
          .number(NewNode::homes)
          .time(NewNode::createdAt);
      statement.executeUpdate();
    }
  }

  private static void updateRoots(Connection connection, List<ChangedRoot> roots)
      throws SQLException {
    if (roots.isEmpty()) {
      return;
    }
    String sql =
        """
        update identity.node n set user_id = k.user_id, homes = k.homes
        from unnest(?::text[], ?::uuid[], ?::text[], ?::int[]) as k (workspace_id, profile_id, user_id, homes)
        where n.workspace_id = k.workspace_id and n.profile_id = k.profile_id and n.merged_into is null
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, roots)
          .text(ChangedRoot::workspaceId)
          .uuid(ChangedRoot::id)
          .text(ChangedRoot::userId)
          .number(ChangedRoot::homes);
      int updated = statement.executeUpdate();
      if (updated != roots.size()) {
        throw new IllegalStateException(
            "of " + roots.size() + " locked roots " + updated + " were still roots");
      }
    }
  }

  /** Links absorbed roots, and moves everything below them to the root above. */
  private static void absorb(Connection connection, List<Merge> merges) throws SQLException {
    if (merges.isEmpty()) {
      return;
    }
    String sql =
        """
        update identity.node n
        set canonical_id = k.root,
            merged_into = case when n.profile_id = k.absorbed then k.survivor else n.merged_into end,
            link_version = case when n.profile_id = k.absorbed then k.version else n.link_version end,
            user_id = null,
            homes = 0
        from unnest(?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[])
            as k (workspace_id, absorbed, survivor, root, version)
        where n.workspace_id = k.workspace_id and n.canonical_id = k.absorbed
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, merges)
          .text(Merge::workspaceId)
          .uuid(Merge::absorbed)
          .uuid(Merge::survivor)
          .uuid(Merge::finalRoot)
          .number(Merge::version);
      statement.executeUpdate();
    }
  }

  private static void insertIdentifiers(
      Connection connection, List<Assignment> assignments, Instant now) throws SQLException {
    if (assignments.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into identity.identifier
            (workspace_id, type, value, valid_from, profile_id, source_id, first_message_id, created_at)
        select k.*, ? from unnest(?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::uuid[], ?::text[], ?::text[]) as k
        """;
    // One order for all transactions, so that two with the same new identifiers wait for each
    // other.
    List<Assignment> sorted =
        assignments.stream()
            .sorted(Comparator.comparing(Assignment::identifier).thenComparing(Assignment::from))
            .toList();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.after(statement, sorted, 1)
          .text(assignment -> assignment.identifier().workspaceId())
          .text(assignment -> assignment.identifier().type())
          .text(assignment -> assignment.identifier().value())
          .time(Assignment::from)
          .uuid(Assignment::home)
          .text(Assignment::sourceId)
          .text(Assignment::messageId);
      statement.setObject(1, Columns.utc(now));
      statement.executeUpdate();
    }
  }

  private static void insertMerges(
      Connection connection, List<Merge> merges, List<InputRecord> records, Instant now)
      throws SQLException {
    if (merges.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into identity.merge
            (workspace_id, merge_id, absorbed_id, survivor_id, version, cause, partition, position, at)
        select k.workspace_id, k.id, k.absorbed, k.survivor, k.version, k.cause::jsonb, k.partition, k.position, ?
        from unnest(?::text[], ?::text[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::int[], ?::bigint[])
            as k (workspace_id, id, absorbed, survivor, version, cause, partition, position)
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.after(statement, merges, 1)
          .text(Merge::workspaceId)
          .text(Merge::id)
          .uuid(Merge::absorbed)
          .uuid(Merge::survivor)
          .number(Merge::version)
          .text(merge -> json(merge.cause()))
          .number(merge -> records.get(merge.event()).partition())
          .number(merge -> records.get(merge.event()).offset());
      statement.setObject(1, Columns.utc(now));
      statement.executeUpdate();
    }
  }

  private static String json(Cause cause) {
    ArrayNode matched = Json.MAPPER.createArrayNode();
    cause.matched().forEach(matched::add);
    return Json.MAPPER
        .createObjectNode()
        .put("rule", cause.rule().wire())
        .put("messageId", cause.messageId())
        .set("matched", matched)
        .toString();
  }

  private static void insertRefusals(Connection connection, List<Refusal> refusals)
      throws SQLException {
    if (refusals.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into identity.refused_link
            (workspace_id, refused_id, profile_id, type, value, other_profile_id, reason, message_id, at)
        select * from unnest(?::text[], ?::text[], ?::uuid[], ?::text[], ?::text[], ?::uuid[], ?::text[], ?::text[],
            ?::timestamptz[])
        on conflict (workspace_id, profile_id, type, value, other_profile_id, reason) do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, refusals)
          .text(Refusal::workspaceId)
          .text(_ -> Ids.create("rfl"))
          .uuid(Refusal::home)
          .text(refusal -> refusal.identifier().type())
          .text(refusal -> refusal.identifier().value())
          .uuid(Refusal::otherHome)
          .text(refusal -> refusal.reason().wire())
          .text(Refusal::messageId)
          .time(Refusal::at);
      statement.executeUpdate();
    }
  }
}
