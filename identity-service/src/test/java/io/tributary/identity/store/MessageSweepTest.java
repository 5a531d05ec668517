package io.tributary.identity.store;

import static io.tributary.identity.Identities.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.identity.Identities;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MessageSweepTest {
  private final Identities identities = Identities.create();
  private final MessageSweep sweep =
      new MessageSweep(identities.dataSource(), Duration.ofDays(30), identities.clock());

  @Test
  void aMessageTakesEffectOnceFor30DaysAndIsForgottenAfterwards() {
    identities.apply(event().user("u1").message("m1"), event().user("u1").message("m1"));
    identities.clock().advance(Duration.ofDays(30).minusSeconds(1));
    assertThat(sweep.run()).isZero();
    assertThat(identities.apply(event().user("u1").message("m1"))).isEmpty();
    identities.clock().advance(Duration.ofSeconds(2));
    assertThat(sweep.run()).isOne();
    assertThat(identities.count("message")).isZero();
    assertThat(identities.count("duplicate")).isOne();
    assertThat(identities.apply(event().user("u1").message("m1"))).hasSize(1);
  }
}
