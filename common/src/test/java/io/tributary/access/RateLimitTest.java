package io.tributary.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final AtomicLong now = new AtomicLong(-5);
  private final RateLimit limit = new RateLimit(10, now::get);

  @Test
  void aSecondsWorthIsGrantedAndThenMoreAsTimePasses() {
    for (int i = 0; i < 10; i++) {
      assertThat(limit.take("key", 1)).isZero();
    }
    assertThat(limit.take("key", 1)).isEqualTo(Duration.ofMillis(100));
    assertThat(limit.take("other key", 1)).isZero();
    now.addAndGet(Duration.ofMillis(100).toNanos());
    assertThat(limit.take("key", 1)).isZero();
    assertThat(limit.take("key", 1)).isPositive();
  }

  @Test
  void moreThanTheLimitAtOncePassesAndIsPaidBack() {
    assertThat(limit.take("key", 50)).isZero();
    now.addAndGet(Duration.ofSeconds(4).toNanos());
    assertThat(limit.take("key", 1)).isEqualTo(Duration.ofMillis(100));
    now.addAndGet(Duration.ofMillis(101).toNanos());
    assertThat(limit.take("key", 1)).isZero();
  }

  @Test
  void withoutALimitAllIsGranted() {
    assertThat(new RateLimit(0, now::get).take("key", Long.MAX_VALUE)).isZero();
  }
}
