package io.tributary.ingestion.governance;

import io.tributary.web.Problem;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which sources there are, and of which kind. Deleted ones aren't there. */
public final class SourceKinds {
  private static final String KIND =
      """
      select kind from access.source
      where workspace_id = :workspace and source_id = :source and deleted_at is null
      """;

  private final JdbcClient jdbc;

  SourceKinds(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /** The kind of a source; empty where the workspace has none such. */
  public Optional<String> find(String workspaceId, String sourceId) {
    return find(KIND, workspaceId, sourceId);
  }

  /** The same for a source that is switched on. */
  public Optional<String> findEnabled(String workspaceId, String sourceId) {
    return find(KIND + "and enabled", workspaceId, sourceId);
  }

  /** The kind of a source; 404 where the workspace has none such. */
  String require(String workspaceId, String sourceId) {
    return find(workspaceId, sourceId).orElseThrow(() -> unknown(sourceId));
  }

  /** The same, and the source stays as it is until the transaction ends. */
  String hold(String workspaceId, String sourceId) {
    return find(KIND + "for no key update", workspaceId, sourceId)
        .orElseThrow(() -> unknown(sourceId));
  }

  private Optional<String> find(String query, String workspaceId, String sourceId) {
    return jdbc.sql(query)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .query(String.class)
        .optional();
  }

  private static Problem unknown(String sourceId) {
    return Problem.notFound("There is no source " + sourceId + " in this workspace.");
  }
}
