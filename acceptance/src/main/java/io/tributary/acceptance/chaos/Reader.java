package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Reads.Campaign;
import io.tributary.acceptance.chaos.Reads.Crossing;
import io.tributary.acceptance.chaos.Reads.Delivery;
import io.tributary.acceptance.chaos.Reads.Happening;
import io.tributary.acceptance.chaos.Reads.Name;
import io.tributary.acceptance.chaos.Reads.Person;
import io.tributary.acceptance.chaos.Reads.Refused;
import io.tributary.acceptance.chaos.Reads.Segment;
import io.tributary.acceptance.chaos.Receivers.Receipt;
import io.tributary.demo.Api;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/** Reads everything there is, through the API. */
final class Reader {
  private static final int THREADS = 4;
  private static final Duration SOON = Duration.ofSeconds(80);
  private final Api api;
  private final Scene scene;
  private final Clock clock;

  Reader(Target target, Scene scene, Clock clock) {
    this.api = target.api();
    this.scene = scene;
    this.clock = clock;
  }

  /** All of it; the product must be calm. */
  Reads read(List<Receipt> receipts) throws IOException, InterruptedException {
    List<Person> people = people();
    Map<String, Campaign> campaigns = campaigns();
    Instant at = clock.instant();
    Map<String, Segment> segments = segments();
    return new Reads(at, people, segments, campaigns, receipts, quarantined(), refused());
  }

  /** How many deliveries are at work, or will be soon; a third attempt comes minutes later. */
  long openDeliveries() throws IOException, InterruptedException {
    Instant soon = clock.instant().plus(SOON);
    AtomicLong open = new AtomicLong();
    for (String id : scene.campaigns().values()) {
      String path = "/api/v1/campaigns/" + id + "/deliveries?state=";
      api.pages(path + "claimed", delivery -> open.incrementAndGet());
      api.pages(
          path + "pending",
          delivery -> {
            if (Instant.parse(delivery.path("dueAt").asString()).isBefore(soon)) {
              open.incrementAndGet();
            }
          });
    }
    return open.get();
  }

  /** How many are members of a segment. */
  long members(String segment) throws IOException, InterruptedException {
    return api.get("/api/v1/segments/" + scene.segments().get(segment) + "/count")
        .path("count")
        .asLong(-1);
  }

  private List<Person> people() throws IOException, InterruptedException {
    List<JsonNode> profiles = new ArrayList<>();
    api.pages("/api/v1/profiles", profiles::add);
    List<Person> people = new ArrayList<>();
    try (ExecutorService readers = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Person>> tasks =
          profiles.stream().map(profile -> (Callable<Person>) () -> person(profile)).toList();
      for (Future<Person> person : readers.invokeAll(tasks)) {
        people.add(person.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("reading a profile", e.getCause());
    }
    return List.copyOf(people);
  }

  private Person person(JsonNode profile) throws IOException, InterruptedException {
    String id = profile.path("id").asString();
    List<Happening> timeline = new ArrayList<>();
    api.pages(
        "/api/v1/profiles/" + id + "/events",
        event ->
            timeline.add(
                new Happening(
                    event.path("messageId").asString(), event.path("name").asString(""))));
    List<Name> names = new ArrayList<>();
    api.pages(
        "/api/v1/profiles/" + id + "/identifiers",
        name -> names.add(new Name(name.path("type").asString(), name.path("value").asString())));
    return new Person(
        id,
        List.copyOf(names),
        profile.path("traits").path("plan").asString(""),
        profile.path("eventCount").asLong(-1),
        List.copyOf(timeline));
  }

  private Map<String, Segment> segments() throws IOException, InterruptedException {
    Map<String, Segment> segments = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : scene.segments().entrySet()) {
      String path = "/api/v1/segments/" + entry.getValue();
      Set<String> members = new HashSet<>();
      api.pages(path + "/members", member -> members.add(member.path("profileId").asString()));
      List<Crossing> crossings = new ArrayList<>();
      api.pages(path + "/history", crossing -> crossings.add(crossing(crossing)));
      JsonNode verified = api.post(path + "/verify");
      boolean agrees =
          verified.path("missing").asLong(-1) == 0 && verified.path("extra").asLong(-1) == 0;
      segments.put(
          entry.getKey(),
          new Segment(members, crossings.reversed(), agrees ? "" : verified.toString()));
    }
    return segments;
  }

  private static Crossing crossing(JsonNode json) {
    return new Crossing(
        json.path("changeId").asString(),
        json.path("profileId").asString(),
        json.path("change").asString().equals("entered"),
        json.path("reason").asString(""),
        Instant.parse(json.path("at").asString()));
  }

  private Map<String, Campaign> campaigns() throws IOException, InterruptedException {
    Map<String, Campaign> campaigns = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : scene.campaigns().entrySet()) {
      List<Delivery> deliveries = new ArrayList<>();
      api.pages(
          "/api/v1/campaigns/" + entry.getValue() + "/deliveries",
          delivery -> deliveries.add(delivery(delivery)));
      Instant since = scene.since().getOrDefault(entry.getKey(), Instant.EPOCH);
      campaigns.put(entry.getKey(), new Campaign(since, deliveries));
    }
    return campaigns;
  }

  private static Delivery delivery(JsonNode json) {
    String claimed = json.path("claimedAt").asString("");
    return new Delivery(
        json.path("id").asString(),
        json.path("triggerKey").asString(""),
        json.path("profileId").asString(""),
        json.path("state").asString(""),
        json.path("outcome").asString(""),
        json.path("attempts").asInt(0),
        claimed.isEmpty() ? Instant.EPOCH : Instant.parse(claimed));
  }

  private Set<String> quarantined() throws IOException, InterruptedException {
    Set<String> ids = new HashSet<>();
    api.pages(
        "/api/v1/quarantine?stage=collect", entry -> ids.add(entry.path("messageId").asString("")));
    return ids;
  }

  private List<Refused> refused() throws IOException, InterruptedException {
    List<Refused> refused = new ArrayList<>();
    api.pages(
        "/api/v1/identity/refused-links",
        link ->
            refused.add(
                new Refused(
                    new Name(
                        link.path("identifier").path("type").asString(""),
                        link.path("identifier").path("value").asString("")),
                    link.path("messageId").asString(""))));
    return refused;
  }
}
