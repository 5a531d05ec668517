package io.tributary.ingestion.governance;

import io.tributary.event.Json;
import io.tributary.ingestion.plan.PlanDocument;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Versions of plans, and which sources are checked by which plan. */
final class PlanStore {
  private final JdbcClient jdbc;

  /** A version as it was. */
  record Version(long version, PlanDocument document, Instant createdAt) {}

  /** The version of a plan that sources are checked by now. */
  record Current(String planId, long version) {}

  PlanStore(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /** Keeps the latest version of a plan. */
  void keepVersion(String workspaceId, String planId) {
    jdbc.sql(
            """
            insert into ingestion.tracking_plan_version
                (workspace_id, plan_id, version, document, created_at)
            select workspace_id, plan_id, version, document, updated_at
            from ingestion.tracking_plan where workspace_id = :workspace and plan_id = :plan
            """)
        .param("workspace", workspaceId)
        .param("plan", planId)
        .update();
  }

  /** A version of a plan that isn't deleted. */
  Optional<Version> version(String workspaceId, String planId, long version) {
    return jdbc.sql(
            """
            select v.version, v.document::text, v.created_at
            from ingestion.tracking_plan_version v
            join ingestion.tracking_plan p on p.plan_id = v.plan_id
            where v.workspace_id = :workspace and v.plan_id = :plan and v.version = :version
              and not p.deleted
            """)
        .param("workspace", workspaceId)
        .param("plan", planId)
        .param("version", version)
        .query((row, n) ->
            new Version(
                row.getLong(1),
                Json.MAPPER.readValue(row.getString(2), PlanDocument.class),
                row.getObject(3, OffsetDateTime.class).toInstant()))
        .optional();
  }

  /** Whether the plan is there; if so it stays until the transaction ends. */
  boolean hold(String workspaceId, String planId) {
    return jdbc.sql(
            """
            select 1 from ingestion.tracking_plan
            where workspace_id = :workspace and plan_id = :plan and not deleted for share
            """)
        .param("workspace", workspaceId)
        .param("plan", planId)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** Has a source checked by this plan and no other. */
  void attach(String workspaceId, String planId, String sourceId, Instant now) {
    jdbc.sql(
            """
            insert into ingestion.planned_source as s (workspace_id, source_id, plan_id, attached_at)
            values (:workspace, :source, :plan, :now)
            on conflict (source_id) do update
            set plan_id = excluded.plan_id, attached_at = excluded.attached_at
            where s.plan_id <> excluded.plan_id
            """)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .param("plan", planId)
        .param("now", now.atOffset(ZoneOffset.UTC))
        .update();
  }

  /** Has a source no longer checked by this plan; answers whether it was. */
  boolean detach(String workspaceId, String planId, String sourceId) {
    return jdbc.sql(
                """
                delete from ingestion.planned_source
                where workspace_id = :workspace and plan_id = :plan and source_id = :source
                """)
            .param("workspace", workspaceId)
            .param("plan", planId)
            .param("source", sourceId)
            .update()
        == 1;
  }

  /** The sources that are checked by a plan; deleted ones no longer count. */
  List<String> sources(String workspaceId, String planId) {
    return jdbc.sql(
            """
            select p.source_id from ingestion.planned_source p
            join access.source s on s.source_id = p.source_id and s.deleted_at is null
            where p.workspace_id = :workspace and p.plan_id = :plan order by p.source_id
            """)
        .param("workspace", workspaceId)
        .param("plan", planId)
        .query(String.class)
        .list();
  }

  /** By which version each source is checked, of all workspaces. */
  Map<String, Current> current() {
    Map<String, Current> current = new HashMap<>();
    jdbc.sql(
            """
            select s.source_id, p.plan_id, p.version from ingestion.planned_source s
            join ingestion.tracking_plan p
              on p.plan_id = s.plan_id and p.workspace_id = s.workspace_id
            where not p.deleted
            """)
        .query(row -> {
          current.put(row.getString(1), new Current(row.getString(2), row.getLong(3)));
        });
    return current;
  }

  /** What these versions say. */
  Map<Current, PlanDocument> documents(Collection<Current> wanted) {
    Map<Current, PlanDocument> documents = new HashMap<>();
    jdbc.sql(
            """
            select plan_id, version, document::text from ingestion.tracking_plan_version
            where (plan_id, version) in (select * from unnest(:plans::text[], :versions::bigint[]))
            """)
        .param("plans", wanted.stream().map(Current::planId).toArray(String[]::new))
        .param("versions", wanted.stream().map(Current::version).toArray(Long[]::new))
        .query(row -> {
          documents.put(
              new Current(row.getString(1), row.getLong(2)),
              Json.MAPPER.readValue(row.getString(3), PlanDocument.class));
        });
    return documents;
  }
}
