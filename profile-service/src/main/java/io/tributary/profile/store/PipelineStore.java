package io.tributary.profile.store;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads what the stages have counted. */
public final class PipelineStore {
  private static final List<String> STAGES =
      List.of("ingestion", "identity", "profile", "segment", "campaign");

  private static final String REPLAYS = "ingestion.v_replay";
  private static final String DISMISSED = "ingestion.v_dismissed";

  /** The outcome that counts quarantine entries deleted with their person. */
  static final String DELETED = "quarantine_deleted";

  private final JdbcClient sql;
  private final Neighbours neighbours;

  /** Reads with this client. */
  public PipelineStore(JdbcClient sql, Neighbours neighbours) {
    this.sql = sql;
    this.neighbours = neighbours;
  }

  /** How many entries of a workspace each stage's quarantine holds that wait for somebody. */
  public Map<String, Long> quarantined(String workspaceId) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String stage : STAGES) {
      if (neighbours.has(stage + ".v_quarantine")) {
        counts.put(
            stage,
            sql.sql(
                    "select count(*) from %s.v_quarantine q where workspace_id = ? and not %s and not %s"
                        .formatted(stage, listed(REPLAYS), listed(DISMISSED)))
                .param(workspaceId)
                .query(Long.class)
                .single());
      }
    }
    return counts;
  }

  /** Whether an entry {@code q} is in a view of what became of entries, as SQL. */
  private String listed(String view) {
    return neighbours.has(view)
        ? "exists (select from %s r where r.quarantine_id = q.id)".formatted(view)
        : "false";
  }

  /** What a stage has made of its records since the beginning, by outcome. */
  public Map<String, Long> outcomes(String stage, String topic) {
    Map<String, Long> outcomes = new TreeMap<>();
    if (!neighbours.has(stage + ".v_control_total")) {
      return outcomes;
    }
    sql.sql(
            "select outcome, sum(total)::bigint from %s.v_control_total where consumer = ? group by outcome"
                .formatted(stage))
        .param(stage)
        .query((row, n) -> outcomes.put(row.getString(1), row.getLong(2)))
        .list();
    if (neighbours.has(stage + ".v_quarantine")) {
      // The batch loop refuses records, too, and only the quarantine knows those; what was deleted
      // from it on somebody's request was counted then.
      long deleted = outcomes.getOrDefault(DELETED, 0L);
      outcomes.merge("quarantined", entries(stage, topic, "true") + deleted, Math::max);
      outcomes.put("replayed", entries(stage, topic, listed(REPLAYS)));
    }
    return outcomes;
  }

  /** Those of the present log; one that is gone has negative partitions. */
  private long entries(String stage, String topic, String condition) {
    return sql.sql(
            "select count(*) from %s.v_quarantine q where topic = ? and partition >= 0 and %s"
                .formatted(stage, condition))
        .param(topic)
        .query(Long.class)
        .single();
  }

  /** Whether events lie in the partition that takes what no month was prepared for. */
  public boolean isDefaultPartitionUsed() {
    return sql.sql("select exists (select from profile.event_default)")
        .query(Boolean.class)
        .single();
  }
}
