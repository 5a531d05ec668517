package io.tributary.campaign.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private final AtomicLong nanos = new AtomicLong(7);
  private final Budget budget = new Budget(nanos::get);

  @Test
  void aProcessThatStoodStillMeanwhileIsNotTheTemplatesFault() {
    for (int i = 0; i < 5; i++) {
      budget.step();
      nanos.addAndGet(TimeUnit.MINUTES.toNanos(10));
      budget.step();
    }
  }

  @Test
  void aTemplateThatGoesOnForASecondEnds() {
    int[] steps = {0};
    assertThatThrownBy(
            () -> {
              while (true) {
                nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
                budget.step();
                steps[0]++;
              }
            })
        .isInstanceOf(Budget.ExceededException.class)
        .hasMessageContaining("longer than a second");
    assertThat(steps[0]).isEqualTo(100);
  }
}
