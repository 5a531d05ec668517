package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.event.SegmentChange.Crossing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Destinations that are sent requests in a shape of their own. */
@Timeout(180)
class HttpShapesTest extends Scene {
  private static String audience(String path) {
    return """
    {'name': 'To %1$s', 'kind': 'http', 'sends': ['segments'],
     'http': {
       'secret': 'tok-123', 'headers': {'Authorization': 'Bearer {{secret}}'},
       'requests': [
         {'on': ['segment.entered'], 'method': 'POST', 'url': '%2$s%1$s/users', 'batch': 20,
          'item': ['{{/data/profile/traits/email | email | sha256}}'],
          'body': {'payload': {'schema': ['EMAIL_SHA256'], 'data': '{{items}}'}}},
         {'on': ['segment.exited'], 'method': 'DELETE', 'url': '%2$s%1$s/users', 'batch': 20,
          'item': ['{{/data/profile/traits/email | email | sha256}}'],
          'body': {'payload': {'schema': ['EMAIL_SHA256'], 'data': '{{items}}'}}}]}}
    """
        .formatted(path, receiver.url(""))
        .replace('\'', '"');
  }

  private static String created(String definition) {
    return call("POST", "", definition, 201).path("id").asString();
  }

  /** What was in the requests of a method, in its order. */
  private static List<String> items(String path, String method) {
    List<String> items = new ArrayList<>();
    for (StubReceiver.Got each : receiver.taken(path)) {
      if (each.method().equals(method)) {
        each.json().at("/payload/data").forEach(item -> items.add(item.path(0).asString()));
      }
    }
    return items;
  }

  @Test
  void anAudienceHasTheHashedAddressesOfWhoIsInTheSegment() {
    String id = created(audience("/audience"));
    List<ProfileId> people =
        IntStream.range(0, 100)
            .mapToObj(i -> People.create("{'email': ' P" + i + "@Example.org'}", "{}"))
            .toList();
    ProfileId nameless = People.create("{}", "{}");
    people.forEach(each -> crossing(each, "seg_1"));
    crossing(nameless, "seg_1");
    people.subList(0, 40).forEach(each -> crossing(each, "seg_1", Crossing.EXITED, NOW));
    JsonNode total = counted(id, 141);
    assertThat(total.path("filtered").asInt()).as("who has no address").isEqualTo(1);
    assertThat(total.path("delivered").asInt()).isEqualTo(140);
    assertThat(items("/audience/users", "POST")).hasSize(100).doesNotHaveDuplicates();
    assertThat(items("/audience/users", "DELETE")).hasSize(40);
    List<StubReceiver.Got> got = receiver.taken("/audience/users");
    assertThat(got.size()).as("requests").isLessThan(40);
    // As `printf p7@example.org | sha256sum` says.
    assertThat(items("/audience/users", "POST"))
        .contains("c3d3b23c72d66cea69389335ba7e30b13ea5621be6e114f7b9a9f02f59f87753");
    assertThat(got)
        .allSatisfy(each -> {
          assertThat(each.headers().get("Authorization")).containsExactly("Bearer tok-123");
          assertThat(each.body()).doesNotContainIgnoringCase("example.org");
        });
  }

  @Test
  void whoLeavesRightAfterEnteringIsRemovedAfterBeingAdded() {
    created(audience("/order"));
    ProfileId jo = somebody();
    List<ProfileId> others = IntStream.range(0, 5).mapToObj(i -> somebody()).toList();
    crossing(jo, "seg_1");
    others.forEach(each -> crossing(each, "seg_1"));
    crossing(jo, "seg_1", Crossing.EXITED, NOW);
    crossing(jo, "seg_1");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(items("/order/users", "POST")).hasSize(7));
    List<StubReceiver.Got> got = receiver.taken("/order/users");
    assertThat(got.getFirst().method()).isEqualTo("POST");
    assertThat(got.getLast().method()).isEqualTo("POST");
    assertThat(got.stream().filter(each -> each.method().equals("DELETE"))).hasSize(1);
  }

  private static String crm(String path, String more) {
    return """
    {'name': 'To %1$s', 'kind': 'http', 'sends': ['profiles', 'erasures'],
     'http': {
       'headers': {'Idempotency-Key': '{{id}}'},
       'requests': [
         {'on': ['profile.changed'], 'url': '%2$s%1$s/upsert', 'batch': 50,
          'item': {'idProperty': 'email', 'id': '{{/data/profile/traits/email|email}}',
                   'properties': {'plan': '{{/data/profile/traits/plan?}}', 'vip': '{{/data/profile/traits/vip?}}'}},
          'body': {'inputs': '{{items}}'}},
         {'on': ['profile.erased'], 'method': 'DELETE', 'url': '%2$s%1$s/contacts/{{/data/profileId}}'%3$s}]}}
    """
        .formatted(path, receiver.url(""), more)
        .replace('\'', '"');
  }

  @Test
  void aCrmHasEachContactAsItIs() {
    String id = created(crm("/crm", ", 'alsoDelivered': [404]"));
    ProfileId jo = People.create("{'email': 'jo@example.org', 'plan': 'pro', 'vip': true}", "{}");
    ProfileId al = People.create("{'email': 'al@example.org'}", "{}");
    identify(jo);
    identify(al);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(inputs("/crm/upsert")).hasSize(2));
    assertThat(inputs("/crm/upsert").stream().map(JsonNode::toString))
        .containsExactlyInAnyOrder(
            "{\"idProperty\":\"email\",\"id\":\"jo@example.org\",\"properties\":{\"plan\":\"pro\",\"vip\":true}}",
            "{\"idProperty\":\"email\",\"id\":\"al@example.org\",\"properties\":{}}");
    receiver.answer("/crm/contacts/" + al, _ -> 404);
    erase(jo);
    erase(al);
    assertThat(counted(id, 4).path("delivered").asInt()).as("404 says it's gone").isEqualTo(4);
    assertThat(receiver.got("/crm/contacts/" + jo))
        .singleElement()
        .satisfies(each -> {
          assertThat(each.method()).isEqualTo("DELETE");
          assertThat(each.body()).isEmpty();
          assertThat(each.headers().get("Idempotency-key"))
              .singleElement()
              .asString()
              .startsWith("msg_");
        });
  }

  private static List<JsonNode> inputs(String path) {
    return receiver.taken(path).stream()
        .flatMap(each -> each.json().path("inputs").valueStream())
        .toList();
  }

  @Test
  void oneThatTheReceiverRefusesDoesNotTakeTheOthersOfItsRequestAlong() {
    receiver.answer(
        "/picky/upsert", body -> body.toString().contains("bad@example.org") ? 400 : 200);
    String id = created(crm("/picky", ""));
    List<ProfileId> people =
        IntStream.range(0, 30)
            .mapToObj(i ->
                People.create("{'email': '" + (i == 17 ? "bad" : "p" + i) + "@example.org'}", "{}"))
            .toList();
    people.forEach(this::identify);
    JsonNode total = counted(id, 30);
    assertThat(total.path("failed").asInt()).isEqualTo(1);
    assertThat(total.path("delivered").asInt()).isEqualTo(29);
    assertThat(inputs("/picky/upsert").stream().map(each -> each.path("id").asString()).distinct())
        .hasSize(29);
  }

  @Test
  void whatWaitsForAReceiverThatIsDownIsSentInItsOrder() {
    AtomicBoolean up = new AtomicBoolean();
    receiver.answer("/away/users", _ -> up.get() ? 200 : 503);
    String id = created(audience("/away"));
    List<ProfileId> people = Stream.generate(Scene::somebody).limit(10).toList();
    for (int i = 0; i < 5; i++) {
      people.forEach(each -> crossing(each, "seg_1"));
      people.forEach(each -> crossing(each, "seg_1", Crossing.EXITED, NOW));
    }
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(read(id).path("lastFailure").asString()).isEqualTo("status_503"));
    up.set(true);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(counted(id, 100).path("delivered").asInt()).isEqualTo(100));
    assertThat(receiver.taken("/away/users").getLast().method()).isEqualTo("DELETE");
    assertThat(items("/away/users", "POST")).hasSize(50);
  }

  @Test
  void theSecretIsToldToNobodyElse() {
    JsonNode made = call("POST", "", audience("/secret"), 201);
    assertThat(made.toString()).doesNotContain("tok-123");
    String id = made.path("id").asString();
    String without = audience("/secret").replace("\"secret\": \"tok-123\",", "");
    assertThat(replaced(id, without, 0)).contains("\"state\":\"running\"");
    String elsewhere = without.replace(receiver.url(""), "https://crm.example.org");
    assertThat(replaced(id, elsewhere, 1)).contains("http.secret", "required");
    crossing(somebody(), "seg_1");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(items("/secret/users", "POST")).hasSize(1));
    assertThat(receiver.got("/secret/users").getFirst().headers().get("Authorization"))
        .containsExactly("Bearer tok-123");
    assertThat(call("POST", "/" + id + "/test", "", 200).path("outcome").asString())
        .isEqualTo("delivered");
    assertThat(receiver.got("/")).singleElement().extracting("method").isEqualTo("HEAD");
    assertThat(read(id).toString()).doesNotContain("tok-123");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    JsonNode problem =
        call(
            "POST",
            "",
            """
            {'name': 'Bad', 'kind': 'http', 'sends': ['profiles'], 'url': 'https://example.org',
             'concurrency': 2, 'http': {'secret': 'two\\nlines', 'headers': {'Host': 'x', 'X-A': '{{items}}'},
               'requests': [
                 {'on': ['profile.seen'], 'method': 'GET', 'url': 'https://{{/data/host}}/', 'batch': 7},
                 {'on': ['event'], 'url': 'https://example.org/{{secret}}', 'item': '{{nothing}}',
                  'body': '{{/data/event}}', 'alsoDelivered': [500]}]}}
            """,
            400);
    assertThat(
            problem.path("errors").valueStream().map(each -> each.path("path").asString()).toList())
        .containsExactlyInAnyOrder(
            "url",
            "http.secret",
            "http.headers",
            "http.headers.X-A",
            "http.requests[0].on",
            "http.requests[0].method",
            "http.requests[0].url",
            "http.requests[0].batch",
            "http.requests[1].url",
            "http.requests[0].on",
            "http.requests[1].on",
            "concurrency",
            "http.requests[1].item",
            "http.requests[1].body",
            "http.requests[1].alsoDelivered");
    assertThat(Json.MAPPER.writeValueAsString(problem)).doesNotContain("two");
  }
}
