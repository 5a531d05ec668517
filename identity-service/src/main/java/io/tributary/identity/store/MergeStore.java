package io.tributary.identity.store;

import io.tributary.event.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** The history of the graph, for people. */
public final class MergeStore {
  private final JdbcClient jdbc;

  /** Reads from the given source. */
  public MergeStore(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /**
   * A merge.
   *
   * @param messageId of the causing event; null once the person was erased
   * @param splitBy the id of an API token, or {@code erasure}
   */
  public record Merged(
      String mergeId,
      UUID absorbed,
      UUID survivor,
      String rule,
      List<String> matched,
      @Nullable String messageId,
      Instant at,
      @Nullable Instant splitAt,
      @Nullable String splitBy) {
    /** Copies the list. */
    public Merged {
      matched = List.copyOf(matched);
    }
  }

  /** A link that was not made. */
  public record Refused(
      String refusedId,
      UUID profile,
      String type,
      String value,
      UUID otherProfile,
      String reason,
      String messageId,
      Instant at) {}

  /** Whether the workspace has this profile id. */
  public boolean exists(String workspaceId, UUID profile) {
    return jdbc.sql(
            "select exists (select from identity.node where workspace_id = :workspace and profile_id = :profile)")
        .param("workspace", workspaceId)
        .param("profile", profile)
        .query(Boolean.class)
        .single();
  }

  /** Merges of whatever belongs or belonged to the profile's component, the newest first. */
  public List<Merged> merges(String workspaceId, UUID profile, @Nullable String after, int limit) {
    String sql =
        """
        with component as
            (select n.profile_id from identity.node n
             where n.workspace_id = :workspace and n.canonical_id =
                 (select canonical_id from identity.node
                  where workspace_id = :workspace and profile_id = :profile))
        select merge_id, absorbed_id, survivor_id, cause, at, split_at, split_by
        from identity.merge m
        where workspace_id = :workspace
            and (absorbed_id in (select profile_id from component)
                or survivor_id in (select profile_id from component))
            and (cast(:after as text) is null or merge_id < :after)
        order by merge_id desc
        limit :limit
        """;
    return jdbc.sql(sql)
        .param("workspace", workspaceId)
        .param("profile", profile)
        .param("after", after)
        .param("limit", limit)
        .query((row, _) -> merged(row))
        .list();
  }

  private static Merged merged(ResultSet row) throws SQLException {
    JsonNode cause = Json.MAPPER.readTree(row.getString("cause"));
    List<String> matched = new ArrayList<>();
    cause.path("matched").forEach(type -> matched.add(type.asString()));
    OffsetDateTime splitAt = row.getObject("split_at", OffsetDateTime.class);
    return new Merged(
        row.getString("merge_id"),
        row.getObject("absorbed_id", UUID.class),
        row.getObject("survivor_id", UUID.class),
        cause.path("rule").asString(),
        matched,
        cause.hasNonNull("messageId") ? cause.path("messageId").asString() : null,
        row.getObject("at", OffsetDateTime.class).toInstant(),
        splitAt == null ? null : splitAt.toInstant(),
        row.getString("split_by"));
  }

  /** Links that were not made, the newest first; of one profile's component where one is given. */
  public List<Refused> refused(
      String workspaceId, @Nullable UUID profile, @Nullable String after, int limit) {
    String sql =
        """
        with component as
            (select n.profile_id from identity.node n
             where n.workspace_id = :workspace and n.canonical_id =
                 (select canonical_id from identity.node
                  where workspace_id = :workspace and profile_id = cast(:profile as uuid)))
        select refused_id, profile_id, type, value, other_profile_id, reason, message_id, at
        from identity.refused_link
        where workspace_id = :workspace
            and (cast(:profile as uuid) is null
                or profile_id in (select profile_id from component)
                or other_profile_id in (select profile_id from component))
            and (cast(:after as text) is null or refused_id < :after)
        order by refused_id desc
        limit :limit
        """;
    return jdbc.sql(sql)
        .param("workspace", workspaceId)
        .param("profile", profile)
        .param("after", after)
        .param("limit", limit)
        .query((row, _) -> refused(row))
        .list();
  }

  private static Refused refused(ResultSet row) throws SQLException {
    return new Refused(
        row.getString("refused_id"),
        row.getObject("profile_id", UUID.class),
        row.getString("type"),
        row.getString("value"),
        row.getObject("other_profile_id", UUID.class),
        row.getString("reason"),
        row.getString("message_id"),
        row.getObject("at", OffsetDateTime.class).toInstant());
  }
}
