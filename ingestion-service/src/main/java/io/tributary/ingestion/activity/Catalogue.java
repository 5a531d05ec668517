package io.tributary.ingestion.activity;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which events a workspace sends, from all its sources, and whether that changes. */
final class Catalogue {
  /** What was there before this is no news, and what came since isn't missed. */
  private static final Duration LATELY = Duration.ofHours(24);

  /** On so many days something must have come for its absence to be worth a word. */
  private static final int USUAL_DAYS = 3;

  private static final String PAGE =
      """
      with page as (
        select kind, name from ingestion.source_day
        where workspace_id = :workspace and day >= :from and kind in ('track', 'type')
          and (kind, name) > (:kind, :name)
        group by kind, name order by kind, name limit :limit)
      select d.kind, d.name, d.day, sum(d.total) as total, min(d.first_at) as first_at,
             max(d.last_at) as last_at, array_agg(distinct d.source_id) as sources
      from page p
      join ingestion.source_day d on d.workspace_id = :workspace and d.day >= :from
        and d.kind = p.kind and d.name = p.name
      group by d.kind, d.name, d.day
      order by d.kind, d.name, d.day
      """;

  private final JdbcClient jdbc;

  Catalogue(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /** Whether an event comes as it used to. */
  enum State {
    /** It came for the first time in the last 24 hours. */
    NEW,
    /** It came on three days at least, but not in the last 24 hours. */
    SILENT,
    /** Neither. */
    STEADY
  }

  /** Which came on a day in UTC. */
  record Day(Instant day, long count) {}

  /**
   * An event that came within the last eight days.
   *
   * @param kind track, whose name is that of the event, or type
   */
  record Entry(
      String kind,
      String name,
      Set<String> sources,
      List<Day> days,
      Instant first,
      Instant last,
      State state) {}

  private record Row(
      String kind, String name, Day day, Instant first, Instant last, List<String> sources) {}

  /** The next entries behind one, in the order of kinds and names. */
  List<Entry> page(String workspaceId, String kind, String name, int limit, Instant now) {
    Map<List<String>, List<Row>> byName = new LinkedHashMap<>();
    jdbc.sql(PAGE)
        .param("workspace", workspaceId)
        .param("from", ActivityStore.from(now).atOffset(ZoneOffset.UTC))
        .param("kind", kind)
        .param("name", name)
        .param("limit", limit)
        .query((row, n) -> row(row))
        .list()
        .forEach(row ->
            byName.computeIfAbsent(List.of(row.kind, row.name), _ -> new ArrayList<>()).add(row));
    return byName.values().stream().map(rows -> entry(rows, now)).toList();
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString("kind"),
        row.getString("name"),
        new Day(ActivityStore.instant(row, "day"), row.getLong("total")),
        ActivityStore.instant(row, "first_at"),
        ActivityStore.instant(row, "last_at"),
        Arrays.asList((String[]) row.getArray("sources").getArray()));
  }

  private static Entry entry(List<Row> rows, Instant now) {
    Set<String> sources = new TreeSet<>();
    rows.forEach(row -> sources.addAll(row.sources));
    List<Day> days = rows.stream().map(Row::day).toList();
    Instant first = rows.stream().map(Row::first).min(Instant::compareTo).orElseThrow();
    Instant last = rows.stream().map(Row::last).max(Instant::compareTo).orElseThrow();
    Row any = rows.getFirst();
    return new Entry(any.kind, any.name, sources, days, first, last, state(days, first, last, now));
  }

  private static State state(List<Day> days, Instant first, Instant last, Instant now) {
    Instant lately = now.minus(LATELY);
    if (first.isAfter(lately)) {
      return State.NEW;
    }
    return last.isBefore(lately) && days.size() >= USUAL_DAYS ? State.SILENT : State.STEADY;
  }
}
