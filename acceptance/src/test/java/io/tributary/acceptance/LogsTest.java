package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Runs last, over what all scenarios before it have left in the logs of the shared product. */
@Order(Integer.MAX_VALUE)
class LogsTest {
  @Test
  void nobodysAddressStandsInAnyLogOfTheWholeRun() throws Exception {
    Product product = Product.shared();
    List<Path> logs = Product.logs(product.data);
    assertThat(logs)
        .extracting(log -> log.getFileName().toString())
        .contains("tributary.log", "postgres.log");
    assertThat(Files.size(product.data.resolve("logs/tributary.log"))).isPositive();
    assertThat(product.personalDataInLogs()).isEmpty();
  }
}
