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
import java.util.Set;
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

  /** What became of an entry {@code q} with the replay {@code r}. */
  private static final String STATE =
      "case r.state when 'done' then 'replayed' when 'dismissed' then 'dismissed' else 'open' end";

  private static final String MATCHING =
      """
      from SCHEMA.v_quarantine q
      left join ingestion.replay r on r.quarantine_id = q.id
      where q.workspace_id = :workspace
        and (cast(:after as text) is null or q.id < :after)
        and (cast(:stage as text) is null or q.stage = :stage)
        and (cast(:source as text) is null or q.source_id = :source)
        and (cast(:code as text) is null and cast(:path as text) is null
             or q.reasons @> jsonb_build_array(jsonb_strip_nulls(
                  jsonb_build_object('code', cast(:code as text), 'path', cast(:path as text)))))
        and (cast(:state as text) is null or STATE = :state)
      """
          .replace("STATE", STATE);

  private static final String OF_SCHEMA =
      """
      (select q.id, q.source_id, q.stage, q.message_id, q.reasons::text as reasons, q.topic, q.at,
              octet_length(q.original) as size, r.done_at, STATE as state
      """
              .replace("STATE", STATE)
          + MATCHING
          + "order by q.id desc limit :limit)\n";

  private static final String REFS =
      "(select q.id, 'SCHEMA' as home, octet_length(q.original) as size\n"
          + MATCHING
          + "order by q.id desc limit :limit)\n";

  /** The latest of each schema: a list of causes is for people, and doesn't read for minutes. */
  private static final String REASONS =
      "(select q.id, q.source_id, q.stage, q.at, q.reasons\n"
          + MATCHING
          + "order by q.id desc limit 100000)\n";

  private static final String CAUSES =
      """
      select q.stage, q.source_id, reason.value ->> 'code' as code, reason.value ->> 'path' as path,
             max(reason.value ->> 'message') as message, count(*) as entries,
             min(q.at) as first_at, max(q.at) as last_at, max(q.id) as entry_id
      from (UNION) q cross join lateral jsonb_array_elements(q.reasons) reason
      group by 1, 2, 3, 4
      order by entries desc, 1, 2, 3, 4
      limit 200
      """;

  private static final String ONE =
      """
      select q.id, q.source_id, q.stage, q.message_id, q.reasons::text as reasons, q.topic, q.at,
             octet_length(q.original) as size, r.done_at, STATE as state,
             q.original, q.partition, q.position
      from SCHEMA.v_quarantine q
      left join ingestion.replay r on r.quarantine_id = q.id
      where q.workspace_id = :workspace and q.id = :id
      """
          .replace("STATE", STATE);

  private static final String AROUND =
      """
      select received_at, on_device, ip, call, sent_at, context, integrations, transformed
      from ingestion.refused_event where partition = :partition and position = :position
      """;

  private static final String BEGIN =
      """
      insert into ingestion.replay as r (quarantine_id, workspace_id, token_id, state)
      select id, :workspace, :token, 'started' from unnest(cast(:ids as text[])) id order by id
      on conflict (quarantine_id) do update
        set state = 'started', at = now(), token_id = excluded.token_id
        where r.state = 'dismissed'
           or r.state = 'started' and r.at < now() - interval '1 minute'
      returning quarantine_id
      """;

  /** What is being put back at this moment goes before. */
  private static final String DISMISS =
      """
      insert into ingestion.replay (quarantine_id, workspace_id, token_id, state)
      select id, :workspace, :token, 'dismissed' from (UNION) q order by id
      on conflict (quarantine_id) do nothing
      """;

  /** How many entries are counted, and dismissed, at a time. */
  static final int MANY = 10_000;

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
      @Nullable Instant replayedAt,
      String state) {}

  /**
   * Where an entry lies.
   *
   * @param home the schema
   * @param size its length in bytes
   */
  record Ref(String id, String home, int size) {}

  /**
   * Why entries are there that were neither put back nor dismissed.
   *
   * @param stage who refused them
   * @param code the reason
   * @param path where in the event; absent where it is the whole
   * @param count how many entries have it, of the latest 100,000 of each stage
   * @param entryId the latest of them
   */
  record Cause(
      String stage,
      @Nullable String sourceId,
      String code,
      @Nullable String path,
      @Nullable String message,
      long count,
      Instant firstAt,
      Instant lastAt,
      String entryId) {}

  /** An entry with its bytes. */
  record Detail(Entry entry, byte[] original, int partition, long position) {}

  /** What was known of a refused event besides its bytes. */
  record Around(Instant receivedAt, boolean onDevice, @Nullable String ip, Envelope envelope) {}

  /** What a list is narrowed to; null for no matter. Code and path are those of one reason. */
  record Filter(
      @Nullable String stage,
      @Nullable String source,
      @Nullable String code,
      @Nullable String path,
      @Nullable String state) {
    /** The same for what was neither put back nor dismissed. */
    Filter open() {
      return new Filter(stage, source, code, path, OPEN);
    }
  }

  /** Neither put back nor dismissed. */
  static final String OPEN = "open";

  /** What can become of an entry. */
  static final List<String> STATES = List.of(OPEN, "replayed", "dismissed");

  List<Entry> list(String workspaceId, Filter filter, @Nullable String after, int limit) {
    String sql = "select * from (" + union(OF_SCHEMA) + ") as q order by id desc limit :limit";
    return asked(sql, workspaceId, filter, after)
        .param("limit", limit)
        .query((row, n) -> entry(row))
        .list();
  }

  /** Why entries are there that are open, the most frequent reason first; 200 at most. */
  List<Cause> causes(String workspaceId, Filter filter) {
    return asked(CAUSES.replace("UNION", union(REASONS)), workspaceId, filter.open(), null)
        .query((row, n) -> cause(row))
        .list();
  }

  /** Open entries, the latest first. */
  List<Ref> open(String workspaceId, Filter filter, @Nullable String after, int limit) {
    String sql = "select * from (" + union(REFS) + ") as q order by id desc limit :limit";
    return asked(sql, workspaceId, filter.open(), after)
        .param("limit", limit)
        .query((row, n) -> new Ref(row.getString("id"), row.getString("home"), row.getInt("size")))
        .list();
  }

  /** How many open entries there are after one, as far as {@link #MANY}. */
  int count(String workspaceId, Filter filter, @Nullable String after) {
    String sql = "select count(*) from (select from (" + union(REFS) + ") as q limit :limit) as n";
    return asked(sql, workspaceId, filter.open(), after)
        .param("limit", MANY)
        .query(Integer.class)
        .single();
  }

  /**
   * Gives up open entries, {@link #MANY} at most.
   *
   * @return how many it were
   */
  int dismiss(String workspaceId, Filter filter, String tokenId) {
    String union = "select id from (" + union(REFS) + ") as q order by id desc limit :limit";
    return asked(DISMISS.replace("UNION", union), workspaceId, filter.open(), null)
        .param("limit", MANY)
        .param("token", tokenId)
        .update();
  }

  private String union(String part) {
    return existing().stream()
        .map(schema -> part.replace("SCHEMA", schema))
        .collect(Collectors.joining("union all\n"));
  }

  private JdbcClient.StatementSpec asked(
      String sql, String workspaceId, Filter filter, @Nullable String after) {
    return jdbc.sql(sql)
        .param("workspace", workspaceId)
        .param("after", after)
        .param("stage", filter.stage)
        .param("source", filter.source)
        .param("code", filter.code)
        .param("path", filter.path)
        .param("state", filter.state);
  }

  Optional<Detail> find(String workspaceId, String id) {
    for (String schema : existing()) {
      Optional<Detail> found = find(workspaceId, schema, id);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  Optional<Detail> find(String workspaceId, String schema, String id) {
    return jdbc.sql(ONE.replace("SCHEMA", schema))
        .param("workspace", workspaceId)
        .param("id", id)
        .query((row, n) ->
            new Detail(
                entry(row),
                row.getBytes("original"),
                row.getInt("partition"),
                row.getLong("position")))
        .optional();
  }

  Optional<Around> around(Detail detail) {
    return jdbc.sql(AROUND)
        .param("partition", detail.partition)
        .param("position", detail.position)
        .query((row, n) -> around(row))
        .optional();
  }

  /**
   * Claims replays.
   *
   * @return those that weren't done yet, and aren't being done at this moment
   */
  Set<String> beginReplays(String workspaceId, Set<String> ids, String tokenId) {
    return Set.copyOf(
        jdbc.sql(BEGIN)
            .param("ids", ids.toArray(String[]::new))
            .param("workspace", workspaceId)
            .param("token", tokenId)
            .query(String.class)
            .list());
  }

  void finishReplays(Set<String> ids) {
    jdbc.sql(
            """
            update ingestion.replay set state = 'done', done_at = now()
            where quarantine_id = any(:ids)
            """)
        .param("ids", ids.toArray(String[]::new))
        .update();
  }

  void abandonReplays(Set<String> ids) {
    jdbc.sql("delete from ingestion.replay where quarantine_id = any(:ids) and state = 'started'")
        .param("ids", ids.toArray(String[]::new))
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
        instant(row.getObject("done_at", OffsetDateTime.class)),
        row.getString("state"));
  }

  private static Cause cause(ResultSet row) throws SQLException {
    return new Cause(
        row.getString("stage"),
        row.getString("source_id"),
        row.getString("code"),
        row.getString("path"),
        row.getString("message"),
        row.getLong("entries"),
        row.getObject("first_at", OffsetDateTime.class).toInstant(),
        row.getObject("last_at", OffsetDateTime.class).toInstant(),
        row.getString("entry_id"));
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
            json(row.getBytes("integrations")),
            row.getBoolean("transformed")));
  }

  private static @Nullable RawJson json(byte @Nullable [] bytes) {
    return bytes == null ? null : RawJson.slice(bytes);
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
