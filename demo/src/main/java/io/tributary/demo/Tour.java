package io.tributary.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The steps of the demo. Each says what it did and compares what Tributary made of it with what the
 * shop knows.
 */
final class Tour {
  private static final int BATCH = 100;
  private final Shop shop;
  private final Api api;
  private final MailSink mail;
  private final PrintStream out;
  private final Random random;
  private final List<String> wrong = new ArrayList<>();

  Tour(Shop shop, Api api, MailSink mail, PrintStream out, long seed) {
    this.shop = shop;
    this.api = api;
    this.mail = mail;
    this.out = out;
    this.random = new Random(seed);
  }

  /** Runs all steps; what didn't come out right, in sentences. */
  List<String> run() throws IOException, InterruptedException {
    out.printf(
        "A shop with %,d customers, %,d visitors who stay unknown, %,d tablets shared by two people each.%n%n",
        shop.customers.size(), shop.visitors, shop.households());
    history();
    people();
    sharedTablets();
    String segment = segment();
    String campaign = campaign(segment);
    today(segment);
    mails(campaign);
    totals();
    return wrong;
  }

  private void history() throws IOException, InterruptedException {
    long began = System.nanoTime();
    int posted = 0;
    int repeated = 0;
    for (List<ObjectNode> phase : shop.phases()) {
      List<ObjectNode> shuffled = new ArrayList<>(phase);
      Collections.shuffle(shuffled, random);
      List<String> tokens = new ArrayList<>();
      for (List<ObjectNode> part : Api.parts(shuffled, BATCH)) {
        tokens.add(api.collect(part));
        posted += part.size();
        if (random.nextInt(8) == 0) {
          tokens.add(api.collect(part));
          repeated += part.size();
        }
      }
      api.await("/api/v1/profiles?limit=1", tokens);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    say(
        "Posted %,d events of web, app and till, and %,d of them a second time as a shaky network would: all visible after %.1f s.",
        posted, repeated, seconds);
  }

  private void people() throws IOException, InterruptedException {
    List<JsonNode> profiles = new ArrayList<>();
    api.pages("/api/v1/profiles", profiles::add);
    expect("profiles", shop.people(), profiles.size());
    int wrongCounts = 0;
    List<Customer> sample = new ArrayList<>(shop.customers);
    Collections.shuffle(sample, random);
    for (Customer customer : sample.subList(0, Math.min(200, sample.size()))) {
      if (eventCount(customer) != before(customer)) {
        wrongCounts++;
      }
    }
    expect("customers out of 200 whose number of events is off", 0, wrongCounts);
    say(
        "%,d profiles for %,d people: what they did before they signed up, in the app, and at the till under their e-mail address is one profile each.",
        profiles.size(), shop.people());
  }

  private void sharedTablets() throws IOException, InterruptedException {
    int off = 0;
    for (int i = 0; i + 1 < shop.customers.size(); i += 10) {
      Customer first = shop.customers.get(i);
      Customer second = shop.customers.get(i + 1);
      if (eventCount(first) != before(first) || eventCount(second) != before(second)) {
        off++;
      }
    }
    expect("households whose visits went to the wrong person", 0, off);
    say(
        "%,d shared tablets: two people stay two people, and each visit belongs to who was logged in at its time.",
        shop.households());
  }

  private String segment() throws IOException, InterruptedException {
    ObjectNode body =
        (ObjectNode)
            Api.MAPPER.readTree(
                """
                {"name": "Regulars in Germany",
                 "condition": {"type": "and", "conditions": [
                   {"type": "event", "event": "Order Completed",
                    "count": {"operator": "at_least", "value": 2}, "within": {"days": 30}},
                   {"type": "trait", "trait": "country", "operator": "equals", "value": "DE"}]}}
                """);
    String id = api.post("/api/v1/segments", body).path("id").asString();
    waitFor(
        "the segment to be ready",
        () ->
            quietly(() ->
                api.get("/api/v1/segments/" + id).path("state").asString("").equals("ready")));
    Set<String> members = members(id);
    expect("members of the segment", shop.membersBefore(), members);
    say(
        "Segment %s, \"Order Completed at least twice in 30 days and country = DE\": %,d members, the ones the shop expects.",
        id, members.size());
    return id;
  }

  private String campaign(String segment) throws IOException, InterruptedException {
    ObjectNode body =
        (ObjectNode)
            Api.MAPPER.readTree(
                """
                {"name": "Welcome, regular",
                 "channel": {"type": "email", "from": "shop@shop.example",
                   "subject": "Thank you, {{ profile.firstName | default: 'dear customer' }}",
                   "html": "<p>Two orders in a month, {{ profile.firstName }}! <a href=\\"https://shop.example/regulars\\">Here is 10 % off.</a></p>",
                   "text": "Two orders in a month, {{ profile.firstName }}! Here is 10 % off: https://shop.example/regulars"}}
                """);
    body.putObject("trigger").put("type", "segment_entered").put("segmentId", segment);
    String id = api.post("/api/v1/campaigns", body).path("id").asString();
    api.post("/api/v1/campaigns/" + id + "/start");
    say("Campaign %s: when somebody enters, mail them.", id);
    return id;
  }

  private void today(String segment) throws IOException, InterruptedException {
    List<String> tokens = new ArrayList<>();
    for (List<ObjectNode> part : Api.parts(shop.live(), BATCH)) {
      tokens.add(api.collect(part));
      tokens.add(api.collect(part));
    }
    api.await("/api/v1/segments/" + segment + "/members?limit=1", tokens);
    Set<String> members = members(segment);
    expect("members after today's orders", shop.membersAfter(), members);
    say(
        "%,d orders came in just now, each posted twice: %,d people entered the segment.",
        shop.live().size(), shop.mailed().size());
  }

  private void mails(String campaign) throws IOException, InterruptedException {
    Set<String> expected = shop.mailed();
    waitFor("the mails to arrive", () -> mail.count() >= expected.size());
    // Time for a second mail to somebody to show itself, if there were one.
    waitQuietly(Duration.ofSeconds(2), () -> mail.count() > expected.size());
    Map<String, Integer> counts = mail.perAddress();
    Map<String, Integer> once = new TreeMap<>();
    expected.forEach(address -> once.put(address, 1));
    expect("mails per address", once, new TreeMap<>(counts));
    say(
        "%,d mails arrived at the SMTP server, one for each of them. GET /api/v1/campaigns/%s/deliveries tells of every one.",
        mail.count(), campaign);
  }

  private void totals() throws IOException, InterruptedException {
    waitFor(
        "everything to be processed",
        () -> quietly(() -> api.get("/api/v1/status").at("/totals/inFlight").asLong(-1) == 0));
    JsonNode status = api.get("/api/v1/status");
    JsonNode totals = status.path("totals");
    long applied = totals.path("applied").asLong(-1);
    expect("the pipeline is healthy", true, status.path("healthy").asBoolean(false));
    say(
        "Control totals: %,d accepted = %,d applied + %,d repeats dropped + %,d quarantined; nothing is missing.",
        totals.path("accepted").asLong(-1),
        applied,
        totals.path("duplicate").asLong(-1),
        totals.path("quarantined").asLong(-1));
  }

  private int eventCount(Customer customer) throws IOException, InterruptedException {
    JsonNode found =
        api.get("/api/v1/profiles?identifier=" + Api.encode("userId:" + customer.userId()));
    return found.path("data").path(0).path("eventCount").asInt(-1);
  }

  private int before(Customer customer) {
    return customer.events - (int) customer.orderAges.stream().filter(age -> age == 0).count();
  }

  private Set<String> members(String segment) throws IOException, InterruptedException {
    Set<String> ids = new TreeSet<>();
    List<String> profiles = new ArrayList<>();
    api.pages(
        "/api/v1/segments/" + segment + "/members",
        member -> profiles.add(member.path("profileId").asString()));
    for (String profile : profiles) {
      api.get("/api/v1/profiles/" + profile + "/identifiers")
          .path("data")
          .forEach(identifier -> {
            if (identifier.path("type").asString("").equals("userId")) {
              ids.add(identifier.path("value").asString());
            }
          });
    }
    if (ids.size() != profiles.size()) {
      wrong.add("%d members have %d user ids".formatted(profiles.size(), ids.size()));
    }
    return ids;
  }

  private void expect(String what, Object expected, Object actual) {
    if (!expected.equals(actual)) {
      wrong.add("%s: expected %s, but it is %s".formatted(what, brief(expected), brief(actual)));
    }
  }

  private static String brief(Object value) {
    String text = String.valueOf(value);
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }

  @SuppressWarnings("AnnotateFormatMethod") // would need a dependency for one private method
  private void say(String format, Object... values) {
    out.println("• " + format.formatted(values));
  }

  private interface Question {
    boolean ask() throws IOException, InterruptedException;
  }

  private static boolean quietly(Question question) {
    try {
      return question.ask();
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void waitFor(String what, BooleanSupplier done) throws InterruptedException {
    if (!waitQuietly(Duration.ofSeconds(60), done)) {
      wrong.add("waited 60 s in vain for " + what);
    }
  }

  private static boolean waitQuietly(Duration limit, BooleanSupplier done)
      throws InterruptedException {
    Instant end = Instant.now().plus(limit);
    while (!done.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return true;
  }
}
