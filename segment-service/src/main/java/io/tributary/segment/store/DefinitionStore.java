package io.tributary.segment.store;

import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.Parsed;
import io.tributary.segment.membership.Definition;
import io.tributary.segment.membership.Definitions;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The definitions in effect, compiled and kept in memory until their workspace's epoch moves.
 *
 * <p>Each batch shares a lock per workspace to the end of its transaction, and whoever changes
 * definitions takes it alone: once that change is committed, no batch goes on with the old ones. An
 * advisory lock, because its queue is fair; readers of a row lock could keep a writer waiting for
 * ever.
 */
public final class DefinitionStore {
  private static final Logger log = LoggerFactory.getLogger(DefinitionStore.class);

  private final Map<String, Cached> cache = new ConcurrentHashMap<>();

  private record Cached(long epoch, Definitions definitions) {}

  /** The definitions of these workspaces, which stay in effect until the transaction ends. */
  public Map<String, Definitions> hold(Connection connection, SortedSet<String> workspaceIds)
      throws SQLException {
    String lock =
        """
        select pg_advisory_xact_lock_shared(hashtextextended(w || '|segments', 0))
        from unnest(?::text[]) as w
        """;
    try (PreparedStatement statement = connection.prepareStatement(lock)) {
      statement.setArray(1, Arrays.texts(connection, workspaceIds));
      statement.execute();
    }
    Map<String, Long> epochs = epochs(connection, workspaceIds);
    Map<String, Definitions> held = new HashMap<>();
    for (String workspaceId : workspaceIds) {
      long epoch = epochs.getOrDefault(workspaceId, 0L);
      Cached cached = cache.get(workspaceId);
      if (cached == null || cached.epoch() != epoch) {
        cached = new Cached(epoch, epoch == 0 ? Definitions.NONE : read(connection, workspaceId));
        cache.put(workspaceId, cached);
      }
      held.put(workspaceId, cached.definitions());
    }
    return held;
  }

  private static Map<String, Long> epochs(Connection connection, SortedSet<String> workspaceIds)
      throws SQLException {
    String sql =
        "select workspace_id, epoch from segment.definitions_epoch where workspace_id = any(?)";
    Map<String, Long> epochs = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, Arrays.texts(connection, workspaceIds));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          epochs.put(row.getString(1), row.getLong(2));
        }
      }
    }
    return epochs;
  }

  private static Definitions read(Connection connection, String workspaceId) throws SQLException {
    String sql =
        """
        select s.segment_id, b.live_version, b.live_condition::text as live,
            case when b.state = 'building' and b.step = 'fill' then s.condition::text end as coming
        from segment.segment s join segment.build b using (workspace_id, segment_id)
        where s.workspace_id = ? and not s.deleted order by s.segment_id
        """;
    List<Definition> definitions = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String segmentId = row.getString("segment_id");
          definitions.add(
              new Definition(
                  segmentId,
                  row.getLong("live_version"),
                  compiled(segmentId, row.getString("live")),
                  compiled(segmentId, row.getString("coming"))));
        }
      }
    }
    log.info("definitions workspace={} segments={}", workspaceId, definitions.size());
    return new Definitions(definitions);
  }

  private static @Nullable CompiledCondition compiled(String segmentId, @Nullable String json) {
    if (json == null) {
      return null;
    }
    return switch (ConditionParser.parse(json.getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(var condition) -> CompiledCondition.of(condition);
      // It was valid when it was stored: the program is older than the definition.
      case Parsed.Invalid(var problems) ->
          throw new IllegalStateException(
              "the stored condition of " + segmentId + " can't be read: " + problems);
    };
  }

  /** The patterns that a segment counts or counted, also a deleted one. */
  public Set<String> patternsOf(Connection connection, String workspaceId, String segmentId)
      throws SQLException {
    String sql =
        """
        select c::text from segment.segment s
        join segment.build b using (workspace_id, segment_id)
        cross join lateral (values (s.condition), (b.live_condition)) as v(c)
        where s.workspace_id = ? and s.segment_id = ? and c is not null
        """;
    Set<String> patternIds = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setString(2, segmentId);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          CompiledCondition condition = compiled(segmentId, row.getString(1));
          if (condition != null) {
            condition.patterns().forEach(kept -> patternIds.add(kept.pattern().id()));
          }
        }
      }
    }
    return patternIds;
  }

  /** For each of the workspace's segments those that it looks at now or will look at soon. */
  public Map<String, Set<String>> references(Connection connection, String workspaceId)
      throws SQLException {
    String sql =
        """
        select s.segment_id, c::text from segment.segment s
        join segment.build b using (workspace_id, segment_id)
        cross join lateral (values (s.condition), (b.live_condition)) as v(c)
        where s.workspace_id = ? and not s.deleted and c is not null
        """;
    Map<String, Set<String>> references = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          CompiledCondition condition = compiled(row.getString(1), row.getString(2));
          if (condition != null) {
            references
                .computeIfAbsent(row.getString(1), _ -> new TreeSet<>())
                .addAll(condition.segmentIds());
          }
        }
      }
    }
    return references;
  }

  /**
   * Waits until no batch uses the workspace's definitions and lets none begin before the commit.
   */
  public void holdAlone(Connection connection, String workspaceId) throws SQLException {
    String sql = "select pg_advisory_xact_lock(hashtextextended(? || '|segments', 0))";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.execute();
    }
  }

  /** Says that the definitions have changed. Hold them alone. */
  public void changed(Connection connection, String workspaceId) throws SQLException {
    String sql =
        """
        insert into segment.definitions_epoch as e (workspace_id, epoch) values (?, 1)
        on conflict (workspace_id) do update set epoch = e.epoch + 1
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.executeUpdate();
    }
  }
}
