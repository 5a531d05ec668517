package io.tributary.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.accept.Verdict;
import org.junit.jupiter.api.Test;

/** What the kernels measure is the real work, with the result that it should have. */
class KernelsTest {
  private final Kernels kernels = new Kernels();

  @Test
  void eventsAreAcceptedAndAllOfThemFindTheirOwner() {
    assertThat(kernels.parseAndCheck())
        .hasSize(100)
        .allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Verdict.Accepted.class));
    assertThat(kernels.decodeAndExtract())
        .hasSize(100)
        .allSatisfy(incoming -> assertThat(incoming.identifiers()).isNotEmpty());
    assertThat(kernels.resolve().resolutions()).hasSize(100);
    assertThat(kernels.resolve().newNodes()).isEmpty();
  }

  @Test
  void traitsAreFoldedInTheConditionMatchesAndTheMailIsEscaped() throws Exception {
    assertThat(kernels.mergeTraits().traits().asMap()).hasSizeGreaterThan(3);
    assertThat(kernels.mergeTraits().eventCount()).isEqualTo(2);
    assertThat(kernels.evaluateCondition().matches()).isTrue();
    assertThat(kernels.renderLiquid()).contains("Dear Ada", "2 orders", "LAMP &lt;SMALL&gt;");
  }
}
