package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What came out wrong at others under a few senders at once: counters, first visits, retries. */
@ParameterizedClass
@EnumSource(Shape.class)
class NamedCasesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final HttpClient http = HttpClient.newHttpClient();
  private final Running product;

  NamedCasesTest(Shape shape) {
    product = shape.product();
  }

  @ParameterizedTest
  @CsvSource({"8, 40", "64, 10"})
  void everyOrderOfManyWritersOnOneProfileCounts(int writers, int each) throws Exception {
    Api api = Workspaces.create(product, "writers-" + writers);
    int total = writers * each;
    String exactly = segment(api, orders("exactly", total));
    String more = segment(api, orders("more_than", total));
    List<String> positions =
        together(
            writers,
            writer -> {
              String position = "";
              for (int i = 0; i < each; i++) {
                position = api.collect(List.of(order("one", "w" + writer + "-" + i)));
              }
              return position;
            });
    seen(api, positions);

    assertThat(eventCount(api, "userId:one")).isEqualTo(total);
    assertThat(count(api, exactly)).isOne();
    assertThat(count(api, more)).isZero();
  }

  @Test
  void tenOrdersInOneRequestAndTenAtOnceAreTen() throws Exception {
    Api api = Workspaces.create(product, "ten");
    String ten = segment(api, orders("exactly", 10));
    List<String> positions =
        new ArrayList<>(
            List.of(
                api.collect(
                    IntStream.range(0, 10).mapToObj(i -> order("batch", "b" + i)).toList())));
    positions.addAll(together(10, i -> api.collect(List.of(order("at-once", "o" + i)))));
    for (int i = 0; i < 10; i++) {
      positions.add(api.collect(List.of(order("in-turn", "t" + i))));
    }
    seen(api, positions);

    for (String user : List.of("batch", "at-once", "in-turn")) {
      assertThat(eventCount(api, "userId:" + user)).as(user).isEqualTo(10);
    }
    assertThat(count(api, ten)).isEqualTo(3);
  }

  @Test
  void twoFirstRequestsOfOneVisitorAtTheSameMomentEndInOneProfile() throws Exception {
    Api api = Workspaces.create(product, "visitors");
    int visitors = 200;
    List<String> positions = new ArrayList<>();
    for (int visitor = 0; visitor < visitors; visitor++) {
      String device = "device-" + visitor;
      String mail = "visitor" + visitor + "@named.example";
      positions.addAll(together(2, which -> api.collect(List.of(first(device, mail, which)))));
    }
    seen(api, positions);

    List<JsonNode> profiles = new ArrayList<>();
    api.pages("/api/v1/profiles", profiles::add);
    assertThat(profiles).hasSize(visitors);
    assertThat(profiles).allMatch(profile -> profile.path("eventCount").asLong() == 2);
    for (int visitor = 0; visitor < visitors; visitor++) {
      assertThat(Profiles.find(api, "anonymousId:device-" + visitor))
          .isNotEmpty()
          .isEqualTo(Profiles.find(api, "email:visitor" + visitor + "@named.example"));
    }
  }

  @Test
  void aCountConditionThatEverybodyMatchesHoldsEverybody() throws Exception {
    Api api = Workspaces.create(product, "everybody");
    int people = 5_100;
    List<ObjectNode> orders =
        IntStream.range(0, people).mapToObj(i -> order("p" + i, "e" + i)).toList();
    List<String> positions = new ArrayList<>();
    for (List<ObjectNode> part : Api.parts(orders, 500)) {
      positions.add(api.collect(part));
    }
    seen(api, positions.subList(positions.size() - 1, positions.size()));
    String all = segment(api, orders("at_least", 1));
    await()
        .atMost(LIMIT)
        .until(() -> api.get("/api/v1/segments/" + all).path("state").asString().equals("ready"));

    assertThat(count(api, all)).isEqualTo(people);
    JsonNode verified = api.post("/api/v1/segments/" + all + "/verify");
    assertThat(verified.path("missing").asLong(-1)).isZero();
    assertThat(verified.path("extra").asLong(-1)).isZero();
  }

  @Test
  void aRetriedRequestChangesNothing() throws Exception {
    Api api = Workspaces.create(product, "retry");
    String three = segment(api, orders("exactly", 3));
    List<ObjectNode> batch = IntStream.range(0, 3).mapToObj(i -> order("one", "r" + i)).toList();
    List<String> positions = new ArrayList<>(List.of(api.collect(batch)));
    positions.addAll(together(8, i -> api.collect(batch)));
    positions.add(api.collect(batch));
    seen(api, positions);

    assertThat(eventCount(api, "userId:one")).isEqualTo(3);
    assertThat(count(api, three)).isOne();
  }

  @Test
  void aRefusedEventCannotBeMistakenForAnAcceptedOne() throws Exception {
    HttpResponse<String> good = post("/v1/track", "{\"userId\":\"u\",\"event\":\"Seen\"}");
    HttpResponse<String> bad = post("/v1/track", "{\"event\":\"Nobody did this\"}");
    HttpResponse<String> both =
        post(
            "/v1/batch",
            """
            {"batch": [{"type": "track", "event": "Nobody did this"},
                       {"type": "track", "userId": "u", "event": "Seen"}, {"type": "nonsense", "userId": "u"}]}
            """);
    // An SDK must take all of them for delivered: what is refused is kept and told, not sent again.
    assertThat(List.of(good.statusCode(), bad.statusCode(), both.statusCode())).containsOnly(200);
    assertThat(refused(good)).isEqualTo("none none");
    assertThat(refused(bad)).isEqualTo("1 1");
    assertThat(refused(both)).isEqualTo("2 2");
    assertThat(bad.headers().firstValue("X-Tributary-Position")).isEmpty();
  }

  private static String refused(HttpResponse<String> answer) {
    JsonNode body = Api.MAPPER.readTree(answer.body());
    assertThat(body.path("success").asBoolean()).isTrue();
    return answer.headers().firstValue("X-Tributary-Refused").orElse("none")
        + " "
        + body.path("refused").asString("none");
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    String key =
        Base64.getEncoder()
            .encodeToString((product.writeKey() + ":").getBytes(StandardCharsets.UTF_8));
    return http.send(
        HttpRequest.newBuilder(URI.create(product.collectorUrl() + path))
            .header("Authorization", "Basic " + key)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static ObjectNode order(String user, String messageId) {
    return Api.MAPPER
        .createObjectNode()
        .put("type", "track")
        .put("userId", user)
        .put("event", "Order Completed")
        .put("messageId", messageId);
  }

  /** A page view, or the sign-up on the same device. */
  private static ObjectNode first(String device, String mail, int which) {
    ObjectNode event =
        Api.MAPPER
            .createObjectNode()
            .put("type", which == 0 ? "page" : "identify")
            .put("anonymousId", device)
            .put("messageId", device + "-" + which);
    if (which == 1) {
      event.putObject("traits").put("email", mail);
    }
    return event;
  }

  private static String orders(String operator, int value) {
    return """
    {"type": "event", "event": "Order Completed", "count": {"operator": "%s", "value": %d}}
    """
        .formatted(operator, value);
  }

  private static String segment(Api api, String condition) throws Exception {
    ObjectNode segment = Api.MAPPER.createObjectNode().put("name", "named case");
    segment.set("condition", Api.MAPPER.readTree(condition));
    return api.post("/api/v1/segments", segment).path("id").asString();
  }

  /** Waits until everything up to these places is in profiles and segments. */
  private static void seen(Api api, List<String> positions) throws Exception {
    api.await("/api/v1/profiles?limit=1", positions);
    String segment =
        api.get("/api/v1/segments?limit=1").path("data").path(0).path("id").asString("");
    if (!segment.isEmpty()) {
      api.await("/api/v1/segments/" + segment + "/members?limit=1", positions);
    }
  }

  private static long count(Api api, String segment) throws Exception {
    return api.get("/api/v1/segments/" + segment + "/count").path("count").asLong(-1);
  }

  private static long eventCount(Api api, String identifier) throws Exception {
    String profile = Profiles.find(api, identifier);
    return api.get("/api/v1/profiles/" + profile).path("eventCount").asLong(-1);
  }

  private interface Writer<R> {
    R write(int number) throws Exception;
  }

  /** All begin at the same moment. */
  private static <R> List<R> together(int writers, Writer<R> writer) throws Exception {
    CyclicBarrier gate = new CyclicBarrier(writers);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<R>> tasks = new ArrayList<>();
      for (int i = 0; i < writers; i++) {
        int number = i;
        tasks.add(() -> {
          gate.await();
          return writer.write(number);
        });
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    }
  }
}
