package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import io.tributary.embedded.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kafka's files are gone, Postgres' are there (F9): nothing goes on by itself, and after what the
 * runbook says nothing counts twice and nothing is left behind.
 */
@Order(1)
class WipedBrokerTest {
  private static final int ORDERS = 12;

  @Test
  void nothingGoesOnUntilSomebodySaysSoAndThenNothingCountsTwice(@TempDir Path directory)
      throws Exception {
    Path data = directory.resolve("data");
    try (Product product = new Product(data).start()) {
      String segment = defineBuyers(product.api());
      List<ObjectNode> before = new ArrayList<>(orders("before"));
      before.add(event("identify", "wiped-who").put("userId", "ada"));
      before.add(event("track", "wiped-bad").put("userId", "ada")); // has no event name: refused
      String token = product.api().collect(before);
      assertThat(bought(product.api(), List.of(token))).isEqualTo(ORDERS);
      await("the refused event")
          .atMost(Duration.ofSeconds(30))
          .until(() -> refused(product.api()) == 1);
      product.stop();

      assertThat(product.tributary("restored", "--new-log", "--data", data.toString()))
          .as("the log is there")
          .satisfies(result -> assertThat(result.status()).isNotZero())
          .satisfies(result -> assertThat(result.output()).contains("Kafka still holds the topic"));

      Trees.delete(data.resolve("kafka"));
      product.start();
      await("the alarm")
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> product.api().get("/api/v1/status").toString().contains("partition_stopped"));
      assertThat(product.tributary("doctor", "--data", data.toString()).output())
          .contains("created anew");
      // Collected meanwhile: accepted, and neither lost nor applied yet.
      String meanwhile = product.api().collect(orders("meanwhile"));
      assertThat(bought(product.api(), List.of())).isEqualTo(ORDERS);
      product.stop();

      assertThat(product.tributary("restored", "--new-log", "--data", data.toString()).output())
          .contains("1 segments are worked out anew");
      product.start();
      assertThat(bought(product.api(), List.of(meanwhile))).isEqualTo(2 * ORDERS);
      // Senders that aren't sure send again what they sent before, the refused one included.
      before.addAll(orders("after"));
      String again = product.api().collect(before);
      assertThat(bought(product.api(), List.of(again))).isEqualTo(3 * ORDERS);
      await("the refused event of the new log")
          .atMost(Duration.ofSeconds(30))
          .until(() -> refused(product.api()) == 2);
      await("all is well")
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            JsonNode status = product.api().get("/api/v1/status");
            assertThat(status.path("healthy").asBoolean()).as(status.toString()).isTrue();
            assertThat(status.at("/totals/inFlight").asLong(-1)).isZero();
            JsonNode verified = product.api().post("/api/v1/segments/" + segment + "/verify");
            assertThat(verified.path("state").asString()).isEqualTo("ready");
            assertThat(verified.path("members").asInt()).isEqualTo(1);
            assertThat(verified.path("missing").asInt(-1)).isZero();
            assertThat(verified.path("extra").asInt(-1)).isZero();
          });
      List<String> crossings = new ArrayList<>();
      product
          .api()
          .pages(
              "/api/v1/segments/" + segment + "/history",
              change -> crossings.add(change.path("change").asString()));
      assertThat(crossings).as("entered before, and never again").containsExactly("entered");
    }
  }

  private static String defineBuyers(Api api) throws IOException, InterruptedException {
    ObjectNode definition =
        (ObjectNode)
            Api.MAPPER.readTree(
                """
                {"name": "Buyers", "condition": {"type": "event", "event": "Bought", "count": {"operator": "at_least", "value": 5}}}
                """);
    return api.post("/api/v1/segments", definition).path("id").asString();
  }

  private static List<ObjectNode> orders(String when) {
    List<ObjectNode> orders = new ArrayList<>();
    for (int i = 0; i < ORDERS; i++) {
      orders.add(
          event("track", "order-" + when + "-" + i).put("userId", "ada").put("event", "Bought"));
    }
    return orders;
  }

  private static ObjectNode event(String type, String messageId) {
    return Api.MAPPER.createObjectNode().put("type", type).put("messageId", messageId);
  }

  /** The orders in ada's timeline, each of them once. */
  private static long bought(Api api, List<String> after) throws Exception {
    api.await("/api/v1/profiles?limit=1", after);
    String profile = Profiles.find(api, "userId:ada");
    List<String> ids = new ArrayList<>();
    api.pages(
        "/api/v1/profiles/" + profile + "/events",
        event -> {
          String id = event.path("messageId").asString();
          if (id.startsWith("order-")) {
            ids.add(id);
          }
        });
    assertThat(ids).doesNotHaveDuplicates();
    return ids.size();
  }

  private static int refused(Api api) throws IOException, InterruptedException {
    List<String> entries = new ArrayList<>();
    api.pages("/api/v1/quarantine", entry -> entries.add(entry.path("messageId").asString()));
    return entries.size();
  }
}
