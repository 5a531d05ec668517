package io.tributary.ingestion.destination;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;

/** What became of messages, counted by destination and hour. */
final class CountStore {
  private static final String ADD =
      """
      on conflict (destination_id, hour) do update
      set received = h.received + excluded.received, filtered = h.filtered + excluded.filtered,
          delivered = h.delivered + excluded.delivered, discarded = h.discarded + excluded.discarded,
          attempts = h.attempts + excluded.attempts,
          times = (select array_agg(coalesce(a, 0) + coalesce(b, 0) order by n)
                   from unnest(h.times, excluded.times) with ordinality as t(a, b, n))
      """;

  /** Counts what {@code gone} names, by its destinations. */
  static final String COUNT_GONE =
      """
      insert into ingestion.destination_hour as h (destination_id, hour, discarded, times)
      select destination_id, date_trunc('hour', now(), 'UTC'), count(*),
             array_fill(0::bigint, array[:size::int])
      from gone group by destination_id
      """
          + ADD;

  private final JdbcClient jdbc;

  CountStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Sums of counts.
   *
   * @param retrying waiting for another attempt
   * @param failed not tried any more
   */
  record Counts(
      long received,
      long filtered,
      long delivered,
      long retrying,
      long failed,
      long discarded,
      long attempts,
      Times times) {}

  /** What is added to the counts of an hour. */
  record Increment(
      long received, long filtered, long delivered, long discarded, long attempts, long[] times) {
    static Increment discarded(long discarded) {
      return new Increment(0, 0, 0, discarded, 0, new long[Times.SIZE]);
    }

    boolean isNothing() {
      return received == 0 && delivered == 0 && discarded == 0 && attempts == 0;
    }
  }

  /** Counts something in this hour. */
  void add(String id, Increment more, Instant now) {
    if (more.isNothing()) {
      return;
    }
    jdbc.sql(
            """
            insert into ingestion.destination_hour as h
                (destination_id, hour, received, filtered, delivered, discarded, attempts, times)
            values (:id, :hour, :received, :filtered, :delivered, :discarded, :attempts, :times)
            """
                + ADD)
        .param("id", id)
        .param("hour", DestinationStore.utc(now.truncatedTo(ChronoUnit.HOURS)))
        .param("received", more.received())
        .param("filtered", more.filtered())
        .param("delivered", more.delivered())
        .param("discarded", more.discarded())
        .param("attempts", more.attempts())
        .param("times", new SqlArrayValue("bigint", Arrays.stream(more.times()).boxed().toArray()))
        .update();
  }

  /** Sums since a time. What is undelivered is as of now. */
  Counts since(String id, Instant since) {
    return jdbc.sql(
            """
            with hours as (
                select * from ingestion.destination_hour where destination_id = :id and hour >= :since)
            select coalesce(sum(received), 0)::bigint, coalesce(sum(filtered), 0)::bigint,
                   coalesce(sum(delivered), 0)::bigint, coalesce(sum(discarded), 0)::bigint,
                   coalesce(sum(attempts), 0)::bigint,
                   (select count(*) from ingestion.undelivered
                    where destination_id = :id and state = 'waiting'),
                   (select count(*) from ingestion.undelivered
                    where destination_id = :id and state = 'failed'),
                   (select array_agg(c order by n)
                    from (select u.n, sum(u.c)::bigint as c
                          from hours h cross join unnest(h.times) with ordinality as u(c, n)
                          group by u.n) as t)
            from hours
            """)
        .param("id", id)
        .param("since", DestinationStore.utc(since))
        .query((row, n) ->
            new Counts(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(6),
                row.getLong(7),
                row.getLong(4),
                row.getLong(5),
                new Times(
                    row.getArray(8) == null
                        ? List.of()
                        : List.of((Long[]) row.getArray(8).getArray()))))
        .single();
  }

  /** Sums up hours that nobody asks for by themselves any more. */
  void tidy(Instant before) {
    jdbc.sql(
            """
            with old as (
                delete from ingestion.destination_hour where hour < :before and hour > 'epoch' returning *)
            insert into ingestion.destination_hour as h
                (destination_id, hour, received, filtered, delivered, discarded, attempts, times)
            select destination_id, 'epoch', sum(received), sum(filtered), sum(delivered), sum(discarded),
                   sum(attempts),
                   (select array_agg(c order by n)
                    from (select u.n, sum(u.c)::bigint as c
                          from old m cross join unnest(m.times) with ordinality as u(c, n)
                          where m.destination_id = o.destination_id group by u.n) as t)
            from old o group by destination_id
            """
                + ADD)
        .param("before", DestinationStore.utc(before))
        .update();
  }
}
