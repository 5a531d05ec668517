package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs last, over what all scenarios before it have left in the logs of the shared products. */
@Order(Integer.MAX_VALUE)
class LogsTest {
  @ParameterizedTest
  @EnumSource(Shape.class)
  void nobodysAddressStandsInAnyLogOfTheWholeRun(Shape shape) throws Exception {
    Running product = shape.product();
    List<Path> logs = product.logs();
    List<String> expected =
        switch (shape) {
          case ONE_PROCESS -> List.of("tributary.log");
          case SEPARATE -> List.of("ingestion-1.log", "campaign-1.log", "gateway-1.log");
        };
    assertThat(logs)
        .extracting(log -> log.getFileName().toString())
        .contains("postgres.log")
        .containsAll(expected);
    for (Path log : logs) {
      if (expected.contains(log.getFileName().toString())) {
        assertThat(Files.size(log)).as(log.toString()).isPositive();
      }
    }
    assertThat(product.personalDataInLogs()).isEmpty();
  }
}
