package io.tributary.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {
  private static final Instant BEGIN = Instant.parse("2026-05-04T10:00:00Z");
  private final AtomicLong nanos = new AtomicLong(7);

  @Test
  void onceToldTheTimeIsThatOfPostgresWhateverThisMachineThinks() {
    TestDatabase database = TestPostgres.freshDatabase();
    DatabaseClock clock =
        new DatabaseClock(
            database.dataSource(), fixed(BEGIN.minus(Duration.ofDays(900))), nanos::get);

    clock.ask();

    assertThat(clock.instant())
        .isCloseTo(Clock.systemUTC().instant(), within(10, ChronoUnit.SECONDS));
  }

  @Test
  void whatIsAboutRightStaysAsItIsMeasured() {
    TestDatabase database = TestPostgres.freshDatabase();
    Instant ahead = Clock.systemUTC().instant().plusMillis(20);
    DatabaseClock clock = new DatabaseClock(database.dataSource(), fixed(ahead), System::nanoTime);

    clock.ask();
    clock.ask();

    Instant here = Clock.systemUTC().instant();
    assertThat(Duration.between(here, clock.instant())).isGreaterThan(Duration.ofMillis(15));
  }

  @Test
  void betweenAnswersTimeIsOnlyMeasured() {
    DatabaseClock clock = new DatabaseClock(away(), fixed(BEGIN), nanos::get);

    nanos.addAndGet(Duration.ofSeconds(9).toNanos());

    assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(9));
  }

  @Test
  void whilePostgresIsAwayTimeGoesOn() {
    DatabaseClock clock = new DatabaseClock(away(), fixed(BEGIN), nanos::get);
    clock.ask();

    nanos.addAndGet(Duration.ofHours(2).toNanos());
    clock.ask();

    assertThat(clock.instant()).isEqualTo(BEGIN.plus(Duration.ofHours(2)));
  }

  private static Clock fixed(Instant at) {
    return Clock.fixed(at, ZoneOffset.UTC);
  }

  private static DataSource away() {
    return (DataSource)
        Proxy.newProxyInstance(
            DatabaseClockTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
              throw new SQLException("away", "08001");
            });
  }
}
