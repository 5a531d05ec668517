package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.demo.Api;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The same facts, posted to four workspaces in four ways: in the order of their times, backwards,
 * shuffled with each of them three times, and by several senders at once. No person has two
 * userIds, so no limit decides, and in the end all four hold the same people, timelines and
 * members, which are those that SQL selects.
 */
@ParameterizedClass
@EnumSource(Shape.class)
class WholePathOrderTest {
  private static final int PEOPLE = 12;
  private static final int DEVICES = 3;
  private static final Map<String, String> SEGMENTS =
      Map.of(
          "gold",
              "{\"type\":\"trait\",\"trait\":\"plan\",\"operator\":\"equals\",\"value\":\"gold\"}",
          "bought twice lately",
              """
              {"type":"event","event":"Order Completed","count":{"operator":"at_least","value":2},
               "within":{"hours":3}}
              """,
          "never came", "{\"type\":\"event\",\"eventType\":\"page\",\"performed\":false}",
          "not lately",
              """
              {"type":"and","conditions":[
                {"type":"not","condition":{"type":"trait","trait":"plan","operator":"equals","value":"gold"}},
                {"type":"event","event":"Order Completed","count":{"operator":"at_most","value":1,"includeNever":true},
                 "within":{"hours":3}}]}
              """);

  private final long seed = Long.getLong("tributary.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Windows end between two of these times, however long the test takes. */
  private final Instant base = Instant.now().minus(Duration.ofMinutes(10));

  private final Running product;

  WholePathOrderTest(Shape shape) {
    product = shape.product();
  }

  @Test
  void theSameFactsInAnyOrderRepeatedAndInAnyBatchesEndInTheSameProfilesAndMembers()
      throws Exception {
    System.out.println("whole path test seed=" + seed);
    List<ObjectNode> facts = facts();
    List<ObjectNode> backwards = facts.reversed();
    List<ObjectNode> thrice = new ArrayList<>(facts);
    thrice.addAll(facts);
    thrice.addAll(facts);
    Collections.shuffle(thrice, random);
    List<ObjectNode> shuffled = new ArrayList<>(facts);
    Collections.shuffle(shuffled, random);

    Map<String, String> inOrder = outcome("in order", List.of(facts), 50);
    assertThat(inOrder).hasSize(PEOPLE);
    assertThat(outcome("backwards", List.of(backwards), 7)).as("seed %d", seed).isEqualTo(inOrder);
    assertThat(outcome("thrice", List.of(thrice), 23)).as("seed %d", seed).isEqualTo(inOrder);
    assertThat(outcome("at once", Api.parts(shuffled, facts.size() / 5), 3))
        .as("seed %d", seed)
        .isEqualTo(inOrder);
  }

  private List<ObjectNode> facts() {
    List<ObjectNode> facts = new ArrayList<>();
    for (int person = 0; person < PEOPLE; person++) {
      for (int device = 0; device < DEVICES; device++) {
        facts.add(identify(person, device, random.nextInt(18)));
      }
      for (int i = 0; i < 20; i++) {
        facts.add(fact(person));
      }
    }
    facts.sort(
        java.util.Comparator.comparing((ObjectNode fact) -> fact.path("timestamp").asString())
            .thenComparing(fact -> fact.path("messageId").asString()));
    return facts;
  }

  private ObjectNode fact(int person) {
    int slot = random.nextInt(18);
    return switch (random.nextInt(4)) {
      case 0 -> identify(person, random.nextInt(DEVICES), slot);
      case 1 ->
          event("track", slot).put("userId", "user-" + person).put("event", "Order Completed");
      case 2 ->
          event("track", slot).put("anonymousId", device(person)).put("event", "Order Completed");
      default ->
          event(person % 3 == 0 ? "screen" : "page", slot)
              .put("anonymousId", device(person))
              .put("name", "Home");
    };
  }

  /**
   * Links the user, a device and the address; the plan and a tie of times are decided by it, too.
   */
  private ObjectNode identify(int person, int device, int slot) {
    ObjectNode event = event("identify", slot).put("userId", "user-" + person);
    event.put("anonymousId", "device-" + person + "-" + device);
    event
        .putObject("traits")
        .put("email", "path" + person + "@order.example")
        .put("plan", random.nextBoolean() ? "gold" : "basic")
        .put("note", random.nextInt(100));
    return event;
  }

  private String device(int person) {
    return "device-" + person + "-" + random.nextInt(DEVICES);
  }

  private ObjectNode event(String type, int slot) {
    return Api.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("messageId", "m-" + Long.toHexString(random.nextLong()))
        .put("timestamp", base.minus(Duration.ofMinutes(20L * slot)).toString());
  }

  /** Every person by their identifiers: what is known of them and where they belong. */
  private Map<String, String> outcome(String name, List<List<ObjectNode>> senders, int size)
      throws Exception {
    Api api = Workspaces.create(product, "path " + name);
    Map<String, String> segments = new TreeMap<>();
    for (Map.Entry<String, String> each : SEGMENTS.entrySet()) {
      ObjectNode body = Api.MAPPER.createObjectNode().put("name", each.getKey());
      body.set("condition", Api.MAPPER.readTree(each.getValue()));
      segments.put(each.getKey(), api.post("/api/v1/segments", body).path("id").asString());
    }
    List<String> positions = post(api, senders, size);
    api.await("/api/v1/profiles?limit=1", positions);
    Map<String, TreeSet<String>> memberOf = new TreeMap<>();
    for (Map.Entry<String, String> segment : segments.entrySet()) {
      String path = "/api/v1/segments/" + segment.getValue();
      api.await(path + "/members?limit=1", positions);
      api.pages(
          path + "/members",
          member ->
              memberOf
                  .computeIfAbsent(member.path("profileId").asString(), _ -> new TreeSet<>())
                  .add(segment.getKey()));
      JsonNode verified = api.post(path + "/verify");
      assertThat(verified.path("missing").asLong(-1)).as("%s, seed %d", name, seed).isZero();
      assertThat(verified.path("extra").asLong(-1)).as("%s, seed %d", name, seed).isZero();
    }
    Map<String, String> people = new TreeMap<>();
    List<String> ids = new ArrayList<>();
    api.pages("/api/v1/profiles", profile -> ids.add(profile.path("id").asString()));
    for (String id : ids) {
      JsonNode profile = api.get("/api/v1/profiles/" + id);
      TreeSet<String> identifiers = new TreeSet<>();
      profile
          .path("identifiers")
          .forEach(one ->
              identifiers.add(one.path("type").asString() + ":" + one.path("value").asString()));
      TreeSet<String> messages = new TreeSet<>();
      api.pages(
          "/api/v1/profiles/" + id + "/events",
          event -> messages.add(event.path("messageId").asString()));
      assertThat(profile.path("eventCount").asInt()).isEqualTo(messages.size());
      people.put(
          identifiers.toString(),
          "%s first=%s last=%s segments=%s events=%s"
              .formatted(
                  traits(profile),
                  profile.path("firstSeen").asString(),
                  profile.path("lastSeen").asString(),
                  memberOf.getOrDefault(id, new TreeSet<>()),
                  messages));
    }
    return people;
  }

  private static Map<String, String> traits(JsonNode profile) {
    Map<String, String> traits = new TreeMap<>();
    profile
        .path("traits")
        .properties()
        .forEach(trait -> traits.put(trait.getKey(), trait.getValue().toString()));
    return traits;
  }

  private List<String> post(Api api, List<List<ObjectNode>> senders, int size) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<List<String>>> tasks = new ArrayList<>();
      for (List<ObjectNode> own : senders) {
        tasks.add(() -> {
          List<String> positions = new ArrayList<>();
          for (List<ObjectNode> batch : Api.parts(own, size)) {
            positions.add(api.collect(batch));
          }
          return positions;
        });
      }
      List<String> positions = new ArrayList<>();
      for (Future<List<String>> sent : threads.invokeAll(tasks)) {
        positions.addAll(sent.get());
      }
      return positions;
    }
  }
}
