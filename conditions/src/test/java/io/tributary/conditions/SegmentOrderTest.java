package io.tributary.conditions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SegmentOrderTest {

  @Test
  void eachSegmentComesAfterThoseItRefersTo() {
    Map<String, List<String>> references =
        Map.of(
            "seg_a",
            List.of("seg_c", "seg_b"),
            "seg_b",
            List.of("seg_d"),
            "seg_c",
            List.of("seg_b", "seg_gone"),
            "seg_d",
            List.of());
    assertThat(SegmentOrder.sort(references)).containsExactly("seg_d", "seg_b", "seg_c", "seg_a");
    assertThat(SegmentOrder.findCycle(references)).isEmpty();
  }

  @Test
  void aCircleIsRefusedAndShown() {
    Map<String, List<String>> references =
        Map.of("seg_a", List.of("seg_b"), "seg_b", List.of("seg_c"), "seg_c", List.of("seg_b"));
    assertThat(SegmentOrder.findCycle(references)).contains(List.of("seg_b", "seg_c", "seg_b"));
    assertThatThrownBy(() -> SegmentOrder.sort(references))
        .hasMessageContaining("seg_b → seg_c → seg_b");
  }

  @Test
  void aSegmentThatRefersToItselfIsACircle() {
    assertThat(SegmentOrder.findCycle(Map.of("seg_a", List.of("seg_a"))))
        .contains(List.of("seg_a", "seg_a"));
  }
}
