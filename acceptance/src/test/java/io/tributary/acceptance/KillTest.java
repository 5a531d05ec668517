package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import io.tributary.demo.DemoFailure;
import jakarta.mail.Message;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The whole JVM dies ten times under load.
 *
 * <ol>
 *   <li>A client posts batches and keeps a journal: accepted (200), or unknown (no answer).
 *   <li>kill -9 at a random moment; the next start needs no hand work.
 *   <li>After the last one everything accepted is in the timelines exactly once, what is unknown at
 *       most once, and nothing else.
 *   <li>A segment with a window of seconds: people entered and left, in turn, and in the end
 *       everybody has left.
 *   <li>Another system is told of each event at least once, each time with the same id.
 *   <li>A mail for each purchase: one or none for each, and none only where the record says that
 *       nobody knows.
 * </ol>
 */
@Order(1)
class KillTest {
  private static final int ROUNDS = Integer.getInteger("tributary.kills", 10);
  private static final int PEOPLE = 40;
  private final long seed = Long.getLong("tributary.seed", System.nanoTime());
  private final Map<String, Boolean> journal = new ConcurrentHashMap<>();
  private final Map<String, String> purchases = new ConcurrentHashMap<>();
  private final Set<String> people = ConcurrentHashMap.newKeySet();
  private final AtomicInteger numbers = new AtomicInteger();
  private String segment = "";
  private String campaign = "";
  private String destination = "";

  @Test
  void whatWasAcceptedIsFoundOnceHoweverOftenTheProcessDies(@TempDir Path directory)
      throws Exception {
    Random random = new Random(seed);
    System.out.println("kill test seed=" + seed);
    List<Long> starts = new ArrayList<>();
    try (Hook hook = new Hook();
        Product product =
            new Product(
                    directory.resolve("data"),
                    Map.of("TRIBUTARY_WEBHOOK_ALLOW_PRIVATE", hook.target()))
                .start()) {
      define(product.api(), hook);
      for (int round = 0; round < ROUNDS; round++) {
        loadUntilKilled(product, random.nextLong(), 300 + random.nextInt(2_500));
        long began = System.nanoTime();
        product.start();
        starts.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
      }
      System.out.println("ready again after ms " + starts);
      settle(product);
      checkMails(product);
      checkTimelines(product.api());
      checkSegment(product.api());
      checkDestination(product.api(), hook);
      assertThat(product.personalDataInLogs()).isEmpty();
    }
  }

  private void define(Api api, Hook hook) throws IOException, InterruptedException {
    ObjectNode definition =
        (ObjectNode)
            Api.MAPPER.readTree(
                """
                {"name": "Here a moment ago",
                 "condition": {"type": "event", "event": "Pinged", "performed": true, "within": {"seconds": 5}}}
                """);
    segment = api.post("/api/v1/segments", definition).path("id").asString();
    ObjectNode mailing =
        (ObjectNode)
            Api.MAPPER.readTree(
                """
                {"name": "Receipt", "trigger": {"type": "event", "event": "Bought"},
                 "channel": {"type": "email", "from": "till@shop.example",
                   "subject": "{{ event.properties.order }}", "html": "<p>Thanks</p>", "text": "Thanks"}}
                """);
    campaign = api.post("/api/v1/campaigns", mailing).path("id").asString();
    api.post("/api/v1/campaigns/" + campaign + "/start");
    ObjectNode telling =
        (ObjectNode)
            Api.MAPPER.readTree(
                """
                {"name": "Hook", "kind": "webhook", "sends": ["events"],
                 "filter": {"types": ["track"], "events": ["Pinged", "Bought"]}}
                """);
    destination =
        api.post("/api/v1/destinations", telling.put("url", "http://" + hook.target() + "/"))
            .path("id")
            .asString();
    List<ObjectNode> identifies = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      ObjectNode identify = event("identify", i);
      identify.putObject("traits").put("email", "person" + i + "@kill.example");
      identifies.add(identify);
      journal.put(identify.path("messageId").asString(), true);
      people.add(identify.path("messageId").asString());
    }
    String token = api.collect(identifies);
    api.await("/api/v1/profiles?limit=1", List.of(token));
  }

  private void loadUntilKilled(Product product, long loadSeed, long millis) throws Exception {
    AtomicBoolean running = new AtomicBoolean(true);
    Api api = product.api();
    Thread load =
        Thread.ofVirtual()
            .start(() -> {
              Random random = new Random(loadSeed);
              while (running.get() && post(api, random)) {
                // Until the process dies.
              }
            });
    TimeUnit.MILLISECONDS.sleep(millis);
    product.kill();
    running.set(false);
    load.join();
  }

  private boolean post(Api api, Random random) {
    List<ObjectNode> batch = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      batch.add(next(random));
    }
    batch.forEach(event -> journal.put(event.path("messageId").asString(), false));
    try {
      api.collect(batch);
      batch.forEach(event -> journal.put(event.path("messageId").asString(), true));
      if (random.nextInt(5) == 0) {
        api.collect(batch);
      }
      return true;
    } catch (DemoFailure e) {
      // Refused: what became of it is unknown to this client, as the journal says.
      return true;
    } catch (IOException e) {
      // No answer: the process is gone.
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private ObjectNode next(Random random) {
    int person = random.nextInt(PEOPLE);
    ObjectNode event = event("track", person);
    if (random.nextInt(10) == 0) {
      String order = "order-" + numbers.incrementAndGet();
      event.put("event", "Bought").putObject("properties").put("order", order);
      purchases.put(event.path("messageId").asString(), order);
    } else {
      event.put("event", "Pinged");
    }
    return event;
  }

  private ObjectNode event(String type, int person) {
    return Api.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("messageId", "kill-" + seed + "-" + numbers.incrementAndGet())
        .put("userId", "person-" + person);
  }

  private void settle(Product product) {
    await("everything processed")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .untilAsserted(() -> {
          JsonNode status = product.api().get("/api/v1/status");
          assertThat(status.at("/totals/inFlight").asLong(-1)).isZero();
        });
  }

  private void checkTimelines(Api api) throws Exception {
    Map<String, Integer> found = new HashMap<>();
    for (int i = 0; i < PEOPLE; i++) {
      String profile = Profiles.find(api, "userId:person-" + i);
      // What the campaign reports about its mails may still be coming in.
      await("event count of person " + i + ", seed " + seed)
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(api.get("/api/v1/profiles/" + profile).path("eventCount").asInt())
                  .isEqualTo(messages(api, profile).size()));
      for (String id : messages(api, profile)) {
        if (id.startsWith("kill-")) {
          found.merge(id, 1, Integer::sum);
        }
      }
    }
    List<String> lost = new ArrayList<>();
    journal.forEach((id, accepted) -> {
      if (accepted && !found.containsKey(id)) {
        lost.add(id);
      }
    });
    long accepted = journal.values().stream().filter(ok -> ok).count();
    System.out.printf(
        "kills=%d accepted=%d unknown=%d found=%d lost=%d%n",
        ROUNDS, accepted, journal.size() - accepted, found.size(), lost.size());
    assertThat(lost).as("accepted but lost, seed %s", seed).isEmpty();
    assertThat(found.values()).as("repeated, seed %s", seed).containsOnly(1);
    assertThat(journal.keySet()).as("ghosts, seed %s", seed).containsAll(found.keySet());
  }

  private static List<String> messages(Api api, String profile) throws Exception {
    List<String> ids = new ArrayList<>();
    api.pages(
        "/api/v1/profiles/" + profile + "/events",
        event -> ids.add(event.path("messageId").asString()));
    return ids;
  }

  private void checkSegment(Api api) throws Exception {
    await("everybody to leave")
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> api.get("/api/v1/segments/" + segment + "/count").path("count").asLong(-1) == 0);
    Map<String, List<String>> crossings = new TreeMap<>();
    api.pages(
        "/api/v1/segments/" + segment + "/history",
        change ->
            crossings
                .computeIfAbsent(change.path("profileId").asString(), id -> new ArrayList<>())
                .addFirst(change.path("change").asString()));
    assertThat(crossings).isNotEmpty();
    crossings.forEach((profile, changes) -> {
      for (int i = 0; i < changes.size(); i++) {
        assertThat(changes.get(i))
            .as("crossing %s of %s, seed %s", i, profile, seed)
            .isEqualTo(i % 2 == 0 ? "entered" : "exited");
      }
      assertThat(changes.getLast()).isEqualTo("exited");
    });
    JsonNode verified = api.post("/api/v1/segments/" + segment + "/verify");
    assertThat(verified.path("missing").asLong(-1)).isZero();
    assertThat(verified.path("extra").asLong(-1)).isZero();
  }

  private void checkDestination(Api api, Hook hook) throws Exception {
    await("everything delivered")
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> {
          JsonNode now = api.get("/api/v1/destinations/" + destination);
          JsonNode total = now.path("total");
          assertThat(now.path("lag").asLong(-1)).as(now.toString()).isZero();
          assertThat(total.path("retrying").asLong(-1)).as(now.toString()).isZero();
          assertThat(total.path("received").asLong())
              .isEqualTo(total.path("filtered").asLong() + total.path("delivered").asLong());
        });
    Map<String, String> told = hook.events();
    List<String> untold =
        journal.entrySet().stream()
            .filter(entry -> entry.getValue())
            .map(Map.Entry::getKey)
            .filter(id -> !people.contains(id) && !told.containsValue(id))
            .toList();
    System.out.printf(
        "told=%d requests=%d untold=%d%n", told.size(), hook.requests(), untold.size());
    assertThat(untold).as("accepted but told nobody, seed %s", seed).isEmpty();
    assertThat(told.values()).as("one id for each event, seed %s", seed).doesNotHaveDuplicates();
    assertThat(journal.keySet()).containsAll(told.values());
  }

  private void checkMails(Product product) throws Exception {
    Api api = product.api();
    await("every delivery to come to an end")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> {
          AtomicInteger open = new AtomicInteger();
          api.pages(
              "/api/v1/campaigns/" + campaign + "/deliveries",
              delivery -> {
                if (Set.of("pending", "claimed", "retrying")
                    .contains(delivery.path("state").asString())) {
                  open.incrementAndGet();
                }
              });
          return open.get() == 0;
        });
    Map<String, String> states = new HashMap<>();
    api.pages(
        "/api/v1/campaigns/" + campaign + "/deliveries",
        delivery ->
            states.merge(
                delivery.path("triggerKey").asString(),
                delivery.path("state").asString(),
                (one, other) -> one + " and " + other));
    Map<String, Integer> mails = new HashMap<>();
    for (MimeMessage mail : product.mail.getReceivedMessages()) {
      assertThat(mail.getRecipients(Message.RecipientType.TO)).hasSize(1);
      mails.merge(mail.getSubject(), 1, Integer::sum);
    }
    int uncertain = 0;
    for (Map.Entry<String, String> purchase : purchases.entrySet()) {
      String state = states.getOrDefault(purchase.getKey(), "none");
      int received = mails.getOrDefault(purchase.getValue(), 0);
      assertThat(received).as("mails for %s (%s)", purchase.getKey(), state).isLessThanOrEqualTo(1);
      if (journal.getOrDefault(purchase.getKey(), false)) {
        assertThat(state).as("delivery for %s", purchase.getKey()).isIn("sent", "uncertain");
      }
      if (state.equals("sent")) {
        assertThat(received).as("mails for %s", purchase.getKey()).isEqualTo(1);
      }
      uncertain += state.equals("uncertain") ? 1 : 0;
    }
    System.out.printf(
        "purchases=%d mails=%d uncertain=%d%n", purchases.size(), mails.size(), uncertain);
  }
}
