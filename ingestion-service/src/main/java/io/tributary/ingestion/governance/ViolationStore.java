package io.tributary.ingestion.governance;

import io.tributary.event.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Rows of {@code ingestion.violation}: of each plan the thousand that were seen last. */
final class ViolationStore {
  /** Rows that are kept of one plan. */
  static final int MAX_ROWS = 1_000;

  // In the order of the key, so that two collectors wait for each other instead of locking up.
  private static final String ADD =
      """
      insert into ingestion.violation as v
          (workspace_id, plan_id, event, field, kind, version, count, first_seen, last_seen, samples)
      select r.workspace_id, r.plan_id, r.event, r.field, r.kind, r.version, r.count, r.first_seen,
             r.last_seen, r.samples
      from jsonb_to_recordset(cast(:rows as jsonb)) as r (workspace_id text, plan_id text,
          event text, field text, kind text, version bigint, count bigint, first_seen timestamptz,
          last_seen timestamptz, samples jsonb)
      join ingestion.tracking_plan p on p.plan_id = r.plan_id and not p.deleted
      order by r.plan_id, r.event, r.field, r.kind
      on conflict (plan_id, event, field, kind) do update
      set version = greatest(v.version, excluded.version),
          count = v.count + excluded.count,
          first_seen = least(v.first_seen, excluded.first_seen),
          last_seen = greatest(v.last_seen, excluded.last_seen),
          samples = (select coalesce(jsonb_agg(s.sample order by s.n), '[]')
                     from jsonb_array_elements(excluded.samples || v.samples)
                          with ordinality as s (sample, n)
                     where s.n <= :samples)
      """;

  private static final String FORGET =
      """
      delete from ingestion.violation v using (
        select plan_id, event, field, kind,
               row_number() over (partition by plan_id
                                  order by last_seen desc, event, field, kind) as n
        from ingestion.violation where plan_id = any(:plans)) as r
      where r.n > :rows and v.plan_id = r.plan_id and v.event = r.event and v.field = r.field
        and v.kind = r.kind
      """;

  private static final String PAGE =
      """
      select event, field, kind, version, count, first_seen, last_seen, samples::text
      from ingestion.violation
      where workspace_id = :workspace and plan_id = :plan
        and (event, field, kind) > (:event, :field, :kind)
      order by event, field, kind
      limit :limit
      """;

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;

  /**
   * A violation as it's stored.
   *
   * @param samples a JSON array, the latest first
   */
  record Row(
      String event,
      String field,
      String kind,
      long version,
      long count,
      Instant firstSeen,
      Instant lastSeen,
      String samples) {}

  ViolationStore(DataSource dataSource, TransactionTemplate transaction) {
    this.jdbc = JdbcClient.create(dataSource);
    this.transaction = transaction;
  }

  /** Adds to what was counted before. */
  void add(Map<Tally.PlanKey, Map<Tally.Key, Tally.Count>> plans) {
    String rows = rows(plans);
    String[] ids = plans.keySet().stream().map(Tally.PlanKey::planId).toArray(String[]::new);
    transaction.executeWithoutResult(_ -> {
      jdbc.sql(ADD).param("rows", rows).param("samples", Tally.MAX_SAMPLES).update();
      jdbc.sql(FORGET).param("plans", ids).param("rows", MAX_ROWS).update();
    });
  }

  /** Those behind a place, by event, field and kind. */
  List<Row> page(String workspaceId, String planId, Place after, int limit) {
    return jdbc.sql(PAGE)
        .param("workspace", workspaceId)
        .param("plan", planId)
        .param("event", after.event())
        .param("field", after.field())
        .param("kind", after.kind())
        .param("limit", limit)
        .query((row, n) ->
            new Row(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getObject(6, OffsetDateTime.class).toInstant(),
                row.getObject(7, OffsetDateTime.class).toInstant(),
                row.getString(8)))
        .list();
  }

  /** A place in the list. */
  record Place(String event, String field, String kind) {
    static final Place START = new Place("", "", "");
  }

  /** Removes all of a plan. */
  void delete(String workspaceId, String planId) {
    jdbc.sql("delete from ingestion.violation where workspace_id = :workspace and plan_id = :plan")
        .param("workspace", workspaceId)
        .param("plan", planId)
        .update();
  }

  private static String rows(Map<Tally.PlanKey, Map<Tally.Key, Tally.Count>> plans) {
    ArrayNode rows = Json.MAPPER.createArrayNode();
    plans.forEach((plan, counts) ->
        counts.forEach((key, count) -> {
          ObjectNode row =
              rows.addObject()
                  .put("workspace_id", plan.workspaceId())
                  .put("plan_id", plan.planId())
                  .put("event", key.event())
                  .put("field", key.field())
                  .put("kind", key.kind().wire())
                  .put("version", count.version())
                  .put("count", count.count())
                  .put("first_seen", count.first().toString())
                  .put("last_seen", count.last().toString());
          row.set("samples", Json.MAPPER.valueToTree(count.samples()));
        }));
    return rows.toString();
  }
}
