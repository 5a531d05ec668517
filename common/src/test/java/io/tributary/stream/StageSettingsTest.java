package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageSettingsTest {

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 1", "4, 2", "8, 4", "64, 4"})
  void threadsGoByTheProcessors(int processors, int threads) {
    assertThat(StageSettings.threadsFor(processors)).isEqualTo(threads);
  }

  @Test
  void whatIsAskedForIsTaken() {
    assertThat(settings(3).threads()).isEqualTo(3);
    assertThat(settings(0).threads()).isPositive();
    assertThatThrownBy(() -> settings(-1)).hasMessageContaining("threads");
  }

  private static StageSettings settings(int threads) {
    return new StageSettings("counting", "counting", List.of("numbers"), 1_000, threads);
  }
}
