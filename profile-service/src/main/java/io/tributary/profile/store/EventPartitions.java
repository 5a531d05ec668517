package io.tributary.profile.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Keeps a partition of the events ready for this month and the next ones. Starts before the stage
 * does. What arrives without one goes to the default partition, which a gauge watches.
 */
public final class EventPartitions implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(EventPartitions.class);
  private static final int AHEAD = 3;
  private static final Duration EVERY = Duration.ofHours(1);
  private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("yyyy_MM");

  private final JdbcClient sql;
  private final Clock clock;
  private final AtomicInteger unprepared = new AtomicInteger();
  private CountDownLatch stopped = new CountDownLatch(0);

  /** Keeps the table of this database. */
  public EventPartitions(JdbcClient sql, MeterRegistry registry, Clock clock) {
    this.sql = sql;
    this.clock = clock;
    Gauge.builder("tributary.profile.event.default.partition.used", unprepared, AtomicInteger::get)
        .description("1 when events lie in the default partition")
        .register(registry);
  }

  /** Creates what is missing. */
  public void prepare() {
    YearMonth month = YearMonth.from(clock.instant().atOffset(ZoneOffset.UTC));
    for (int ahead = 0; ahead <= AHEAD; ahead++) {
      create(month.plusMonths(ahead));
    }
    unprepared.set(
        sql.sql("select exists (select from profile.event_default)").query(Boolean.class).single()
            ? 1
            : 0);
  }

  /** Instances of the service may do so at the same time; the lock lets one after another. */
  private void create(YearMonth month) {
    sql.sql(
            """
            do $$
            begin
              perform pg_advisory_xact_lock(hashtextextended('profile.event_partitions', 0));
              if to_regclass('profile.event_%1$s') is null then
                set local lock_timeout = '5s';
                create table profile.event_%1$s partition of profile.event
                  for values from ('%2$s-01T00:00:00Z') to ('%3$s-01T00:00:00Z');
              end if;
            end $$
            """
                .formatted(month.format(SUFFIX), month, month.plusMonths(1)))
        .update();
  }

  @Override
  public synchronized void start() {
    prepare();
    CountDownLatch stop = new CountDownLatch(1);
    stopped = stop;
    Thread.ofVirtual().name("event-partitions").start(() -> run(stop));
  }

  private void run(CountDownLatch stop) {
    try {
      while (!stop.await(EVERY.toSeconds(), TimeUnit.SECONDS)) {
        try {
          prepare();
        } catch (DataAccessException e) {
          log.warn(
              "partitions action=prepare outcome=failed cause={}", e.getClass().getSimpleName());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void stop() {
    stopped.countDown();
  }

  @Override
  public synchronized boolean isRunning() {
    return stopped.getCount() > 0;
  }

  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE - 1_000_000;
  }
}
