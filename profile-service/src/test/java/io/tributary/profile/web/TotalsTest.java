package io.tributary.profile.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.profile.web.StatusEndpoint.Totals;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TotalsTest {
  private static final Map<String, Long> IDENTITY =
      Map.of("resolved", 90L, "duplicate", 7L, "quarantined", 3L);

  @Test
  void whatIsNeitherAppliedNorRefusedIsInFlight() {
    Totals totals = Totals.of(100, IDENTITY, Map.of("applied", 80L, "erased", 1L, "duplicate", 1L));
    assertThat(totals).isEqualTo(new Totals(100, 80, 8, 3, 1, 8));
    assertThat(totals.balances(false)).isTrue();
  }

  @Test
  void onceAllStagesAreThroughNothingMayBeMissing() {
    assertThat(Totals.of(100, IDENTITY, Map.of("applied", 90L)).balances(true)).isTrue();
    assertThat(Totals.of(100, IDENTITY, Map.of("applied", 89L)).balances(true)).isFalse();
  }

  @Test
  void whatCountsTwiceNeverBalances() {
    assertThat(Totals.of(100, IDENTITY, Map.of("applied", 91L)).balances(false)).isFalse();
  }

  @Test
  void aRecordThatWasPutBackAtTheLastStageCountsOnce() {
    Map<String, Long> profile = Map.of("applied", 90L, "quarantined", 1L, "replayed", 1L);
    assertThat(Totals.of(100, IDENTITY, profile).balances(true)).isTrue();
  }
}
