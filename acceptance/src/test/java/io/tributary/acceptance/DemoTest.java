package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** {@code ./tributary demo} ends well only when the outcome is what its generator knows. */
@Order(1)
class DemoTest {
  @Test
  void theTourComesOutAsItsShopKnows() throws IOException {
    Commands.Result result =
        Commands.run(
            Commands.ROOT,
            Duration.ofMinutes(5),
            Map.of(),
            List.of("./tributary", "demo", "--customers", "400", "--stop"));
    assertThat(result.output()).contains("All as expected").doesNotContain("WRONG");
    assertThat(result.status()).isZero();
    assertThat(Running.personalData(Product.logs(Commands.ROOT.resolve("demo-data")))).isEmpty();
  }
}
