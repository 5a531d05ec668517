package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.demo.Api;
import io.tributary.demo.DemoFailure;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A database is lost, then the whole machine.
 *
 * <ol>
 *   <li>People buy, and get a receipt for each purchase and one welcome. A backup is taken
 *       meanwhile.
 *   <li>More of them come and buy; one address is suppressed, somebody from before the backup and
 *       somebody from after it are erased. Then the process dies under load, and files of Postgres
 *       are lost.
 *   <li>Postgres comes from the backup, Kafka's log is kept. Every accepted event is found once, no
 *       mail went twice, nobody suppressed gets one and nobody erased is back; segments hold whom a
 *       recount finds. New purchases get their receipts.
 *   <li>Another backup under load; then nothing is left. From it everything up to the backup is
 *       there, once, and what may have been sent is not sent again.
 * </ol>
 */
@Order(1)
class BackupTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int PEOPLE = 12;
  private static final int SUPPRESSED = 3;
  private static final int ERASED = 4;
  private static final int LATE = 20;
  private static final int LATE_ERASED = 22;
  private final long seed = Long.getLong("tributary.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<String, Boolean> journal = new ConcurrentHashMap<>();
  private final Map<String, String> orders = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final Set<Integer> people = ConcurrentHashMap.newKeySet();
  private final List<MimeMessage> before = new ArrayList<>();
  private String segment = "";
  private String receipts = "";

  @Test
  void whatWasAcceptedComesBackAndNobodyHearsTwice(@TempDir Path directory) throws Exception {
    System.out.println("backup test seed=" + seed);
    Path backup = directory.resolve("backup");
    Path second = directory.resolve("second");
    try (Product product = new Product(directory.resolve("data")).start()) {
      define(product.api());
      appear(product.api(), 0, PEOPLE);
      loadWhile(product, () -> backUp(product, backup));
      appear(product.api(), LATE, LATE + 4);
      String late = buy(product.api(), LATE + 1);
      awaitMail(product, late);
      settle(product);
      suppressAndErase(product);
      loadWhile(product, product::kill);
      damage(product.data);

      restore(product, backup, "--keep-log");
      product.start();
      awaitMail(product, buy(product.api(), 5));
      settle(product);
      check(product);
      assertThat(outcomes(product.api())).contains("sent_before_restore");

      Set<String> sure = new TreeSet<>(journal.keySet());
      sure.removeIf(id -> !journal.getOrDefault(id, false));
      loadWhile(product, () -> backUp(product, second));
      settle(product);
      awaitMail(product, buy(product.api(), 6));
      // What came after the second backup is gone with the machine.
      journal.replaceAll((id, accepted) -> sure.contains(id));
      before.addAll(List.of(product.mail.getReceivedMessages()));
    }
    try (Product other = new Product(directory.resolve("other"))) {
      restore(other, second);
      other.start();
      awaitMail(other, buy(other.api(), 7));
      settle(other);
      check(other);
    }
  }

  private void define(Api api) throws Exception {
    segment =
        api.post(
                "/api/v1/segments",
                json(
                    """
                    {"name": "Guests", "condition": {"type": "trait", "trait": "plan", "operator": "equals", "value": "guest"}}
                    """))
            .path("id")
            .asString();
    receipts =
        campaign(
            api,
            "Receipt",
            "{\"type\": \"event\", \"event\": \"Bought\"}",
            "{{ event.properties.order }}");
    campaign(
        api,
        "Welcome",
        "{\"type\": \"segment_entered\", \"segmentId\": \"" + segment + "\"}",
        "Welcome");
  }

  private static String campaign(Api api, String name, String trigger, String subject)
      throws Exception {
    String id =
        api.post(
                "/api/v1/campaigns",
                json(
                    """
                    {"name": "%s", "trigger": %s,
                     "channel": {"type": "email", "from": "till@shop.example", "subject": "%s",
                       "html": "<p>Thanks</p>", "text": "Thanks"}}
                    """
                        .formatted(name, trigger, subject)))
            .path("id")
            .asString();
    api.post("/api/v1/campaigns/" + id + "/start");
    return id;
  }

  private static ObjectNode json(String text) {
    return (ObjectNode) Api.MAPPER.readTree(text);
  }

  private void appear(Api api, int from, int to) throws Exception {
    List<ObjectNode> events = new ArrayList<>();
    for (int person = from; person < to; person++) {
      ObjectNode identify = event("identify", person);
      identify.putObject("traits").put("email", address(person)).put("plan", "guest");
      events.add(identify);
      people.add(person);
    }
    String token = collect(api, events);
    api.await("/api/v1/profiles?limit=1", List.of(token));
  }

  private static String address(int person) {
    return "planted" + person + "@backup.example";
  }

  private ObjectNode event(String type, int person) {
    return Api.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("messageId", "backup-" + seed + "-" + person + "-" + numbers.incrementAndGet())
        .put("userId", "person-" + person);
  }

  private String collect(Api api, List<ObjectNode> events) throws Exception {
    events.forEach(event -> journal.put(event.path("messageId").asString(), false));
    String token = api.collect(events);
    events.forEach(event -> journal.put(event.path("messageId").asString(), true));
    return token;
  }

  private String buy(Api api, int person) throws Exception {
    ObjectNode event = purchase(person);
    collect(api, List.of(event));
    return event.at("/properties/order").asString();
  }

  private ObjectNode purchase(int person) {
    ObjectNode event = event("track", person);
    String order = "order-" + numbers.incrementAndGet();
    event.put("event", "Bought").putObject("properties").put("order", order);
    orders.put(event.path("messageId").asString(), order);
    return event;
  }

  /** Something done while a client posts. */
  private interface Act {
    void run() throws Exception;
  }

  private void loadWhile(Product product, Act act) throws Exception {
    AtomicBoolean running = new AtomicBoolean(true);
    AtomicInteger batches = new AtomicInteger();
    Api api = product.api();
    Random own = new Random(random.nextLong());
    Thread load =
        Thread.ofVirtual()
            .start(() -> {
              while (running.get() && post(api, own)) {
                batches.incrementAndGet();
              }
            });
    await().atMost(LIMIT).until(() -> batches.get() > 10);
    act.run();
    if (load.isAlive()) {
      int now = batches.get();
      await().atMost(LIMIT).until(() -> !load.isAlive() || batches.get() > now + 10);
    }
    running.set(false);
    load.join();
  }

  private boolean post(Api api, Random own) {
    List<ObjectNode> batch = new ArrayList<>();
    List<Integer> who = List.copyOf(new TreeSet<>(people));
    for (int i = 0; i < 20; i++) {
      int person = who.get(own.nextInt(who.size()));
      batch.add(
          own.nextInt(40) == 0 ? purchase(person) : event("track", person).put("event", "Pinged"));
    }
    try {
      collect(api, batch);
      return true;
    } catch (DemoFailure e) {
      return true;
    } catch (Exception e) {
      return false; // The process is gone.
    }
  }

  private static void backUp(Product product, Path to) throws IOException {
    Commands.Result result =
        product.tributary("backup", "--to", to.toString(), "--data", product.data.toString());
    System.out.println(result.expectSuccess().output());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to)))
        .isEqualTo("rwx------");
    assertThat(product.tributary("doctor", "--data", product.data.toString()).output())
        .contains(to.toString());
  }

  private static void restore(Product product, Path from, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("restore", "--from", from.toString(), "--data", product.data.toString()));
    command.addAll(List.of(more));
    Commands.Result result = product.tributary(command.toArray(String[]::new));
    System.out.println(result.expectSuccess().output());
  }

  private void suppressAndErase(Product product) throws Exception {
    Api api = product.api();
    ObjectNode suppression =
        Api.MAPPER.createObjectNode().put("channel", "email").put("address", address(SUPPRESSED));
    api.post("/api/v1/suppressions", suppression);
    for (int person : List.of(ERASED, LATE_ERASED)) {
      people.remove(person);
      journal.keySet().removeIf(id -> id.startsWith("backup-" + seed + "-" + person + "-"));
      ObjectNode order = Api.MAPPER.createObjectNode().put("kind", "erase");
      order.putObject("identifier").put("type", "email").put("value", address(person));
      String id = api.post("/api/v1/privacy-requests", order).path("id").asString();
      await()
          .atMost(LIMIT)
          .until(() ->
              api.get("/api/v1/privacy-requests/" + id).path("state").asString().equals("done"));
    }
  }

  /** Files of Postgres are lost; its postmaster may live on for a while. */
  private static void damage(Path data) {
    Path postgres = data.resolve("postgres/data");
    for (String lost : List.of("global", "base", "pg_wal")) {
      Commands.run(
          Commands.ROOT, LIMIT, Map.of(), List.of("rm", "-rf", postgres.resolve(lost).toString()));
    }
  }

  private void awaitMail(Product product, String subject) {
    await("a mail " + subject + ", seed " + seed)
        .atMost(LIMIT)
        .until(() -> subjects(List.of(product.mail.getReceivedMessages())).containsKey(subject));
  }

  private static Map<String, Integer> subjects(List<MimeMessage> mails) throws Exception {
    Map<String, Integer> subjects = new HashMap<>();
    for (MimeMessage mail : mails) {
      String subject = mail.getSubject();
      subjects.merge(
          subject.equals("Welcome") ? "Welcome " + mail.getAllRecipients()[0] : subject,
          1,
          Integer::sum);
    }
    return subjects;
  }

  private void settle(Product product) {
    await("everything processed, seed " + seed)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .untilAsserted(() -> {
          assertThat(product.api().get("/api/v1/status").at("/totals/inFlight").asLong(-1))
              .isZero();
          assertThat(states(product.api()).values()).doesNotContain("pending", "claimed");
        });
  }

  private Map<String, String> states(Api api) throws Exception {
    Map<String, String> states = new HashMap<>();
    api.pages(
        "/api/v1/campaigns/" + receipts + "/deliveries",
        delivery ->
            states.put(delivery.path("triggerKey").asString(), delivery.path("state").asString()));
    return states;
  }

  private Set<String> outcomes(Api api) throws Exception {
    Set<String> outcomes = new TreeSet<>();
    api.pages(
        "/api/v1/campaigns/" + receipts + "/deliveries",
        delivery -> outcomes.add(delivery.path("outcome").asString("")));
    return outcomes;
  }

  private void check(Product product) throws Exception {
    checkTimelines(product.api());
    checkMails(product);
    checkErased(product);
    JsonNode verified = product.api().post("/api/v1/segments/" + segment + "/verify");
    assertThat(verified.path("missing").asLong(-1)).as("missing, seed %s", seed).isZero();
    assertThat(verified.path("extra").asLong(-1)).as("extra, seed %s", seed).isZero();
  }

  private void checkTimelines(Api api) throws Exception {
    Map<String, Integer> found = new HashMap<>();
    for (int person : new TreeSet<>(people)) {
      String profile = Profiles.find(api, "userId:person-" + person);
      List<String> ids = new ArrayList<>();
      if (!profile.isEmpty()) {
        api.pages(
            "/api/v1/profiles/" + profile + "/events",
            event -> ids.add(event.path("messageId").asString()));
        await()
            .atMost(LIMIT)
            .untilAsserted(() ->
                assertThat(api.get("/api/v1/profiles/" + profile).path("eventCount").asInt())
                    .as("person %s, seed %s", person, seed)
                    .isGreaterThanOrEqualTo(ids.size()));
      }
      ids.stream()
          .filter(id -> id.startsWith("backup-"))
          .forEach(id -> found.merge(id, 1, Integer::sum));
    }
    List<String> lost = new ArrayList<>();
    journal.forEach((id, accepted) -> {
      if (accepted && !found.containsKey(id)) {
        lost.add(id);
      }
    });
    System.out.printf(
        "accepted=%d found=%d lost=%d%n",
        journal.values().stream().filter(ok -> ok).count(), found.size(), lost.size());
    assertThat(lost).as("accepted but lost, seed %s", seed).isEmpty();
    assertThat(found.values()).as("repeated, seed %s", seed).containsOnly(1);
    assertThat(journal.keySet()).as("ghosts, seed %s", seed).containsAll(found.keySet());
  }

  private void checkMails(Product product) throws Exception {
    List<MimeMessage> mails = new ArrayList<>(before);
    mails.addAll(List.of(product.mail.getReceivedMessages()));
    Map<String, Integer> subjects = subjects(mails);
    subjects.forEach(
        (subject, count) -> assertThat(count).as("mails %s, seed %s", subject, seed).isEqualTo(1));
    Api api = product.api();
    assertThat(
            api.get("/api/v1/suppressions?address=" + Api.encode(address(SUPPRESSED))).path("data"))
        .hasSize(1);
    int bought = mails.size();
    String order = buy(api, SUPPRESSED);
    awaitMail(product, buy(api, 8));
    settle(product);
    assertThat(subjects(List.of(product.mail.getReceivedMessages()))).doesNotContainKey(order);
    System.out.printf("mails=%d outcomes=%s%n", bought, outcomes(api));
  }

  private void checkErased(Product product) throws Exception {
    try (DatabaseScan scan = new DatabaseScan(product)) {
      for (int person : List.of(ERASED, LATE_ERASED)) {
        assertThat(Profiles.find(product.api(), "email:" + address(person))).isEmpty();
        assertThat(Profiles.find(product.api(), "userId:person-" + person)).isEmpty();
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () -> assertThat(scan.tablesWith(address(person))).as("seed %s", seed).isEmpty());
      }
    }
  }
}
