package io.tributary.ingestion.activity;

import io.tributary.ingestion.activity.Figures.Counts;
import io.tributary.ingestion.activity.Figures.Ever;
import io.tributary.ingestion.activity.Figures.Hour;
import io.tributary.ingestion.activity.Figures.Item;
import io.tributary.ingestion.activity.Figures.Origin;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The figures of all collectors. Those who add up lock rows in sorted order, so that several can at
 * once.
 */
final class ActivityStore {
  /** Days that are shown beside today's. */
  private static final int DAYS = 7;

  /** Names of each kind that are read: all buckets of a histogram, and more than is shown. */
  private static final int NAMES = 300;

  private static final int SWEPT_AT_ONCE = 10_000;

  private static final String COUNTERS = counters("%s");
  private static final String ADD_HOURS =
      """
      insert into ingestion.source_hour as h (workspace_id, source_id, hour, %s)
      select * from unnest(cast(:workspaces as text[]), cast(:sources as text[]),
                           cast(cast(:hours as text[]) as timestamptz[]), %s)
      on conflict (workspace_id, source_id, hour) do update set %s
      """
          .formatted(
              COUNTERS,
              counters("cast(:%s as bigint[])"),
              counters("%1$s = h.%1$s + excluded.%1$s"));

  private static final String ADD_NAMES =
      """
      insert into ingestion.source_day as d
          (workspace_id, source_id, day, kind, name, detail, total, first_at, last_at)
      select workspace_id, source_id, day, kind, name, detail, sum(total), min(first_at), max(last_at)
      from unnest(cast(:workspaces as text[]), cast(:sources as text[]),
                  cast(cast(:days as text[]) as timestamptz[]),
                  cast(:kinds as text[]), cast(:names as text[]), cast(:details as text[]),
                  cast(:totals as bigint[]), cast(cast(:firsts as text[]) as timestamptz[]),
                  cast(cast(:lasts as text[]) as timestamptz[]))
        as n (workspace_id, source_id, day, kind, name, detail, total, first_at, last_at)
      group by 1, 2, 3, 4, 5, 6
      order by 1, 2, 3, 4, 5, 6
      on conflict (workspace_id, source_id, day, kind, name, detail) do update
      set total = d.total + excluded.total, first_at = least(d.first_at, excluded.first_at),
          last_at = greatest(d.last_at, excluded.last_at)
      """;

  private static final String ADD_TOTALS =
      """
      insert into ingestion.source_total as t
          (workspace_id, source_id, accepted, refused, first_event_at, last_event_at)
      select workspace_id, source_id, sum(accepted), sum(refused), min(first_at), max(last_at)
      from unnest(cast(:workspaces as text[]), cast(:sources as text[]), cast(:accepted as bigint[]),
                  cast(:refused as bigint[]), cast(cast(:firsts as text[]) as timestamptz[]), cast(cast(:lasts as text[]) as timestamptz[]))
        as n (workspace_id, source_id, accepted, refused, first_at, last_at)
      group by 1, 2
      order by 1, 2
      on conflict (workspace_id, source_id) do update
      set accepted = t.accepted + excluded.accepted, refused = t.refused + excluded.refused,
          first_event_at = least(t.first_event_at, excluded.first_event_at),
          last_event_at = greatest(t.last_event_at, excluded.last_event_at)
      """;

  private static final String KEYS =
      """
      select k.key_id, k.created_at, k.revoked_at, sum(d.total) as used,
             sum(d.total) filter (where d.kind = 'refused_key') as turned_away, max(d.last_at) as last_used
      from access.write_key k
      left join ingestion.source_day d
        on d.workspace_id = k.workspace_id and d.source_id = k.source_id and d.day >= :day
           and d.kind in ('key', 'refused_key') and d.name = k.write_key and d.detail = ''
      where k.workspace_id = :workspace and k.source_id = :source
      group by k.key_id, k.created_at, k.revoked_at
      having k.revoked_at is null or sum(d.total) > 0
      order by k.created_at, k.key_id
      limit 50
      """;

  private static final String ITEMS =
      """
      select kind, name, detail, total, recent, first_at, last_at
      from (select i.*, row_number() over (partition by kind order by total desc, name, detail) as rank
            from (select kind, name, detail, sum(total) as total,
                         coalesce(sum(total) filter (where day >= :recent), 0) as recent,
                         min(first_at) as first_at, max(last_at) as last_at
                  from ingestion.source_day
                  where workspace_id = :workspace and source_id = :source and day >= :day
                    and kind not in ('key', 'refused_key')
                  group by kind, name, detail) i) r
      where rank <= :names
      order by kind, rank
      """;

  private final JdbcClient jdbc;

  /** The source of a write key. */
  record Owner(String key, String workspaceId, String sourceId) {}

  ActivityStore(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  private static String counters(String form) {
    return Arrays.stream(Counter.values())
        .map(Counter::column)
        .map(column -> form.formatted(column))
        .collect(Collectors.joining(", "));
  }

  /** Adds to the figures; to be called in a transaction. */
  void add(List<Increment> increments) {
    List<Increment> counted =
        increments.stream()
            .filter(increment -> !increment.counts().isEmpty())
            .sorted(
                Comparator.comparing((Increment i) -> i.bucket().workspaceId())
                    .thenComparing(i -> i.bucket().sourceId())
                    .thenComparing(i -> i.bucket().hour()))
            .toList();
    addHours(counted);
    addNames(increments);
    addTotals(counted);
  }

  private void addHours(List<Increment> increments) {
    if (increments.isEmpty()) {
      return;
    }
    JdbcClient.StatementSpec statement =
        jdbc.sql(ADD_HOURS)
            .param("workspaces", texts(increments, i -> i.bucket().workspaceId()))
            .param("sources", texts(increments, i -> i.bucket().sourceId()))
            .param("hours", times(increments, i -> i.bucket().hour()));
    for (Counter counter : Counter.values()) {
      statement = statement.param(counter.column(), counts(increments, counter));
    }
    statement.update();
  }

  private void addNames(List<Increment> increments) {
    record Row(Bucket bucket, Increment.Named named) {}
    List<Row> rows =
        increments.stream()
            .flatMap(i -> i.names().stream().map(named -> new Row(i.bucket(), named)))
            .toList();
    if (rows.isEmpty()) {
      return;
    }
    jdbc.sql(ADD_NAMES)
        .param("workspaces", texts(rows, row -> row.bucket.workspaceId()))
        .param("sources", texts(rows, row -> row.bucket.sourceId()))
        .param("days", times(rows, row -> row.bucket.hour().truncatedTo(ChronoUnit.DAYS)))
        .param("kinds", texts(rows, row -> row.named.kind().wire()))
        .param("names", texts(rows, row -> row.named.name()))
        .param("details", texts(rows, row -> row.named.detail()))
        .param("totals", rows.stream().map(row -> row.named.count()).toArray(Long[]::new))
        .param("firsts", times(rows, row -> row.named.seen().first()))
        .param("lasts", times(rows, row -> row.named.seen().last()))
        .update();
  }

  private void addTotals(List<Increment> increments) {
    record Row(Increment increment, Increment.Span events) {}
    List<Row> rows = new ArrayList<>();
    for (Increment increment : increments) {
      if (increment.events() != null) {
        rows.add(new Row(increment, increment.events()));
      }
    }
    if (rows.isEmpty()) {
      return;
    }
    List<Increment> received = rows.stream().map(Row::increment).toList();
    jdbc.sql(ADD_TOTALS)
        .param("workspaces", texts(received, i -> i.bucket().workspaceId()))
        .param("sources", texts(received, i -> i.bucket().sourceId()))
        .param("accepted", counts(received, Counter.ACCEPTED))
        .param("refused", counts(received, Counter.REFUSED))
        .param("firsts", times(rows, row -> row.events.first()))
        .param("lasts", times(rows, row -> row.events.last()))
        .update();
  }

  /** Whose these keys are, valid or not; those that never were any are left out. */
  List<Owner> owners(Collection<String> keys) {
    return jdbc.sql(
            """
            select write_key, workspace_id, source_id from access.write_key
            where write_key = any(cast(:keys as text[]))
            """)
        .param("keys", keys.toArray(String[]::new))
        .query((row, n) -> new Owner(row.getString(1), row.getString(2), row.getString(3)))
        .list();
  }

  /** Removes what is too old to be shown, not all of it at once. */
  void sweep(Instant now) {
    sweep("source_hour", "hour", from(now));
    sweep("source_day", "day", from(now));
  }

  private void sweep(String table, String column, Instant before) {
    String delete =
        """
        delete from ingestion.%1$s where ctid = any(array(
          select ctid from ingestion.%1$s where %2$s < :before limit %3$d))
        """
            .formatted(table, column, SWEPT_AT_ONCE);
    jdbc.sql(delete).param("before", time(before)).update();
  }

  /** When what is shown begins: with a day in UTC, since names are counted by the day. */
  static Instant from(Instant now) {
    return now.truncatedTo(ChronoUnit.DAYS).minus(DAYS, ChronoUnit.DAYS);
  }

  /** What is known of a source; empty where the workspace has none such. */
  Optional<Figures> read(String workspaceId, String sourceId, Instant now) {
    return jdbc.sql(
            """
            select enabled, created_at from access.source
            where workspace_id = :workspace and source_id = :source and deleted_at is null
            """)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .query((row, n) -> new Origin(sourceId, row.getBoolean(1), instant(row, "created_at")))
        .optional()
        .map(origin ->
            new Figures(
                origin,
                ever(workspaceId, sourceId),
                hours(workspaceId, sourceId, now),
                items(workspaceId, sourceId, now),
                keys(workspaceId, sourceId, now)));
  }

  private @Nullable Ever ever(String workspaceId, String sourceId) {
    return jdbc.sql(
            """
            select accepted, refused, first_event_at, last_event_at from ingestion.source_total
            where workspace_id = :workspace and source_id = :source
            """)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .query((row, n) ->
            new Ever(
                row.getLong(1),
                row.getLong(2),
                instant(row, "first_event_at"),
                instant(row, "last_event_at")))
        .optional()
        .orElse(null);
  }

  private List<Hour> hours(String workspaceId, String sourceId, Instant now) {
    return jdbc.sql(
            "select hour, "
                + COUNTERS
                + """
                 from ingestion.source_hour
                where workspace_id = :workspace and source_id = :source and hour >= :from
                order by hour
                """)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .param("from", time(from(now)))
        .query((row, n) -> {
          Map<Counter, Long> counts = new EnumMap<>(Counter.class);
          for (Counter counter : Counter.values()) {
            counts.put(counter, row.getLong(counter.column()));
          }
          return new Hour(instant(row, "hour"), new Counts(counts));
        })
        .list();
  }

  private Map<Kind, List<Item>> items(String workspaceId, String sourceId, Instant now) {
    Map<Kind, List<Item>> items = new EnumMap<>(Kind.class);
    jdbc.sql(ITEMS)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .param("day", time(from(now)))
        .param("recent", time(now.truncatedTo(ChronoUnit.DAYS).minus(1, ChronoUnit.DAYS)))
        .param("names", NAMES)
        .query(row -> {
          items
              .computeIfAbsent(Kind.parse(row.getString("kind")), _ -> new ArrayList<>())
              .add(
                  new Item(
                      row.getString("name"),
                      row.getString("detail"),
                      row.getLong("total"),
                      row.getLong("recent"),
                      instant(row, "first_at"),
                      instant(row, "last_at")));
        });
    return items;
  }

  private List<Figures.Key> keys(String workspaceId, String sourceId, Instant now) {
    return jdbc.sql(KEYS)
        .param("workspace", workspaceId)
        .param("source", sourceId)
        .param("day", time(from(now)))
        .query((row, n) ->
            new Figures.Key(
                row.getString("key_id"),
                instant(row, "created_at"),
                orNull(row, "revoked_at"),
                row.getLong("used"),
                row.getLong("turned_away"),
                orNull(row, "last_used")))
        .list();
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static @Nullable Instant orNull(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static <T> String[] texts(List<T> rows, Function<T, String> text) {
    return rows.stream().map(text).toArray(String[]::new);
  }

  /** As text, since the driver makes no array of times. */
  private static <T> String[] times(List<T> rows, Function<T, Instant> instant) {
    return texts(rows, row -> instant.apply(row).toString());
  }

  private static Long[] counts(List<Increment> increments, Counter counter) {
    return increments.stream()
        .map(increment -> increment.counts().getOrDefault(counter, 0L))
        .toArray(Long[]::new);
  }
}
