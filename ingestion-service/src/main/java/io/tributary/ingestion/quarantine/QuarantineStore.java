package io.tributary.ingestion.quarantine;

import io.tributary.event.EventType;
import io.tributary.event.RawJson;
import io.tributary.ingestion.accept.Envelope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The quarantines of all services as far as they exist, read through their views. */
public final class QuarantineStore {
  private static final List<String> SCHEMAS =
      List.of("ingestion", "identity", "profile", "segment", "campaign");

  private static final String EXISTING =
      """
      select s from unnest(array['ingestion', 'identity', 'profile', 'segment', 'campaign']) s
      where to_regclass(s || '.v_quarantine') is not null
      """;

  private static final String OF_SCHEMA =
      """
      (select q.id, q.source_id, q.stage, q.message_id, q.reasons::text as reasons, q.topic, q.at,
              octet_length(q.original) as size, r.done_at
       from SCHEMA.v_quarantine q
       left join ingestion.replay r on r.quarantine_id = q.id
       where q.workspace_id = :workspace
         and (cast(:after as text) is null or q.id < :after)
         and (cast(:stage as text) is null or q.stage = :stage)
         and (cast(:source as text) is null or q.source_id = :source)
         and (cast(:code as text) is null
              or q.reasons @> jsonb_build_array(jsonb_build_object('code', cast(:code as text))))
       order by q.id desc
       limit :limit)
      """;

  private static final String ONE =
      """
      select q.id, q.source_id, q.stage, q.message_id, q.reasons::text as reasons, q.topic, q.at,
             octet_length(q.original) as size, r.done_at, q.original, q.partition, q.position
      from SCHEMA.v_quarantine q
      left join ingestion.replay r on r.quarantine_id = q.id
      where q.workspace_id = :workspace and q.id = :id
      """;

  private static final String AROUND =
      """
      select received_at, on_device, ip, call, sent_at, context, integrations
      from ingestion.refused_event where partition = :partition and position = :position
      """;

  private static final String BEGIN =
      """
      insert into ingestion.replay as r (quarantine_id, workspace_id, token_id, state)
      values (:id, :workspace, :token, 'started')
      on conflict (quarantine_id) do update set at = now(), token_id = excluded.token_id
      where r.state = 'started' and r.at < now() - interval '1 minute'
      """;

  private final JdbcClient jdbc;

  /** Reads and writes with connections of this source. */
  public QuarantineStore(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /** An entry without its bytes. */
  record Entry(
      String id,
      @Nullable String sourceId,
      String stage,
      @Nullable String messageId,
      String reasons,
      @Nullable String topic,
      Instant at,
      int size,
      @Nullable Instant replayedAt) {}

  /** An entry with its bytes. */
  record Detail(Entry entry, byte[] original, int partition, long position) {}

  /** What was known of a refused event besides its bytes. */
  record Around(Instant receivedAt, boolean onDevice, @Nullable String ip, Envelope envelope) {}

  /** What a list is narrowed to; null for no matter. */
  record Filter(@Nullable String stage, @Nullable String source, @Nullable String code) {}

  List<Entry> list(String workspaceId, Filter filter, @Nullable String after, int limit) {
    String union =
        existing().stream()
            .map(schema -> OF_SCHEMA.replace("SCHEMA", schema))
            .collect(Collectors.joining("union all\n"));
    return jdbc.sql("select * from (" + union + ") q order by id desc limit :limit")
        .param("workspace", workspaceId)
        .param("after", after)
        .param("stage", filter.stage)
        .param("source", filter.source)
        .param("code", filter.code)
        .param("limit", limit)
        .query((row, n) -> entry(row))
        .list();
  }

  Optional<Detail> find(String workspaceId, String id) {
    for (String schema : existing()) {
      Optional<Detail> found =
          jdbc.sql(ONE.replace("SCHEMA", schema))
              .param("workspace", workspaceId)
              .param("id", id)
              .query((row, n) ->
                  new Detail(
                      entry(row),
                      row.getBytes("original"),
                      row.getInt("partition"),
                      row.getLong("position")))
              .optional();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  Optional<Around> around(Detail detail) {
    return jdbc.sql(AROUND)
        .param("partition", detail.partition)
        .param("position", detail.position)
        .query((row, n) -> around(row))
        .optional();
  }

  /** Claims a replay; false when it was done, or is being done at this moment. */
  boolean beginReplay(String workspaceId, String id, String tokenId) {
    return jdbc.sql(BEGIN)
            .param("id", id)
            .param("workspace", workspaceId)
            .param("token", tokenId)
            .update()
        == 1;
  }

  void finishReplay(String id) {
    jdbc.sql(
            "update ingestion.replay set state = 'done', done_at = now() where quarantine_id = :id")
        .param("id", id)
        .update();
  }

  void abandonReplay(String id) {
    jdbc.sql("delete from ingestion.replay where quarantine_id = :id and state = 'started'")
        .param("id", id)
        .update();
  }

  private List<String> existing() {
    List<String> found = jdbc.sql(EXISTING).query(String.class).list();
    return SCHEMAS.stream().filter(found::contains).toList();
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        row.getString("id"),
        row.getString("source_id"),
        row.getString("stage"),
        row.getString("message_id"),
        row.getString("reasons"),
        row.getString("topic"),
        row.getObject("at", OffsetDateTime.class).toInstant(),
        row.getInt("size"),
        instant(row.getObject("done_at", OffsetDateTime.class)));
  }

  private static Around around(ResultSet row) throws SQLException {
    return new Around(
        row.getObject("received_at", OffsetDateTime.class).toInstant(),
        row.getBoolean("on_device"),
        row.getString("ip"),
        new Envelope(
            Optional.ofNullable(row.getString("call")).map(EventType::parse),
            json(row.getBytes("sent_at")),
            json(row.getBytes("context")),
            json(row.getBytes("integrations"))));
  }

  private static @Nullable RawJson json(byte @Nullable [] bytes) {
    return bytes == null ? null : RawJson.slice(bytes);
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
