package io.tributary.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class ShopTest {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private final Shop shop = new Shop(7, 200, NOW);

  @Test
  void theSameSeedMakesTheSameShop() {
    assertThat(new Shop(7, 200, NOW).phases()).isEqualTo(shop.phases());
    assertThat(new Shop(8, 200, NOW).phases()).isNotEqualTo(shop.phases());
  }

  @Test
  void everyEventHasAMessageIdOfItsOwnAndIsCounted() {
    Set<String> ids = new HashSet<>();
    int events = 0;
    for (List<ObjectNode> phase : shop.phases()) {
      for (ObjectNode event : phase) {
        ids.add(event.path("messageId").asString());
        events++;
      }
    }
    for (ObjectNode event : shop.live()) {
      ids.add(event.path("messageId").asString());
      events++;
    }
    assertThat(ids).hasSize(events);
    assertThat(events).isEqualTo(shop.events());
    int visitors = 2 * shop.visitors;
    assertThat(shop.customers.stream().mapToInt(customer -> customer.events).sum() + visitors)
        .isEqualTo(events);
  }

  @Test
  void whoGetsAMailIsWhoEntersToday() {
    assertThat(shop.mailed()).isNotEmpty();
    assertThat(shop.membersAfter()).containsAll(shop.membersBefore());
    assertThat(shop.mailed()).hasSize(shop.membersAfter().size() - shop.membersBefore().size());
  }
}
