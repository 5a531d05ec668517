package io.tributary.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A shop with web site, app and till, generated from a seed, that knows what a Customer Data
 * Platform must make of its events: who is one person, who isn't, who is in the segment, and who
 * gets the mail. Events come in phases; what a phase says about a device must be known before the
 * next is posted, as it is when they happen on different days.
 */
final class Shop {
  /** The window of the demo's segment in days. */
  static final int WINDOW_DAYS = 30;

  private static final String[] FIRST_NAMES = {
    "Ada", "Ben", "Cleo", "Dario", "Elif", "Finn", "Greta", "Hugo", "Ines", "Jonas", "Kim", "Lena"
  };
  private static final String[] COUNTRIES = {"DE", "DE", "DE", "AT", "CH", "FR", "NL", "PL"};
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  final List<Customer> customers = new ArrayList<>();
  final int visitors;
  private final List<List<ObjectNode>> phases = new ArrayList<>();
  private final List<ObjectNode> live = new ArrayList<>();
  private final Random random;
  private final Instant now;
  private final String run;
  private int events;
  private int households;
  private int messageNumber;

  Shop(long seed, int size, Instant now) {
    this.random = new Random(seed);
    this.now = now;
    this.run = Long.toString(now.toEpochMilli(), 36);
    this.visitors = size / 4;
    for (int phase = 0; phase < 4; phase++) {
      phases.add(new ArrayList<>());
    }
    for (int i = 0; i < size; i++) {
      customers.add(new Customer(i, pick(FIRST_NAMES), pick(COUNTRIES)));
    }
    customers.forEach(this::history);
    for (int i = 0; i + 1 < size; i += 10) {
      household(customers.get(i), customers.get(i + 1));
    }
    for (int i = 0; i < visitors; i++) {
      visitor(i);
    }
    customers.forEach(this::today);
  }

  /** What happened before today, phase by phase. */
  List<List<ObjectNode>> phases() {
    return phases;
  }

  /** What happens after the campaign has started. */
  List<ObjectNode> live() {
    return live;
  }

  /** How many distinct events there are in all. */
  int events() {
    return events;
  }

  /** How many pairs of people share a tablet. */
  int households() {
    return households;
  }

  /** How many people there are: customers, and visitors who never said who they are. */
  int people() {
    return customers.size() + visitors;
  }

  /** The user ids in the segment before today's events. */
  Set<String> membersBefore() {
    return members(false);
  }

  /** The user ids in the segment after today's events. */
  Set<String> membersAfter() {
    return members(true);
  }

  /** The addresses that get the mail: who crosses into the segment today. */
  Set<String> mailed() {
    Set<String> before = membersBefore();
    Set<String> addresses = new TreeSet<>();
    for (Customer customer : customers) {
      if (membersAfter(customer) && !before.contains(customer.userId())) {
        addresses.add(customer.email());
      }
    }
    return addresses;
  }

  private Set<String> members(boolean today) {
    Set<String> ids = new TreeSet<>();
    for (Customer customer : customers) {
      if (today ? membersAfter(customer) : membersBefore(customer)) {
        ids.add(customer.userId());
      }
    }
    return ids;
  }

  private static boolean membersAfter(Customer customer) {
    return customer.country.equals("DE") && customer.ordersWithin(WINDOW_DAYS) >= 2;
  }

  private static boolean membersBefore(Customer customer) {
    long today = customer.orderAges.stream().filter(age -> age == 0).count();
    return customer.country.equals("DE") && customer.ordersWithin(WINDOW_DAYS) - today >= 2;
  }

  /** Looks around without a name, signs up, buys here and there. */
  private void history(Customer customer) {
    int pages = 1 + random.nextInt(3);
    for (int i = 0; i < pages; i++) {
      ObjectNode page = event("page", daysAgo(80).plusSeconds(i * 60L), customer);
      page.put("anonymousId", customer.browser());
      page.putObject("properties").put("path", "/products/" + random.nextInt(200));
      phases.get(0).add(page);
    }
    ObjectNode identify = event("identify", daysAgo(79), customer);
    identify.put("anonymousId", customer.browser()).put("userId", customer.userId());
    identify
        .putObject("traits")
        .put("email", customer.email())
        .put("firstName", customer.firstName)
        .put("country", customer.country);
    phases.get(1).add(identify);
    int orders = random.nextInt(5);
    for (int i = 0; i < orders; i++) {
      order(customer, 1 + random.nextInt(60), phases.get(2));
    }
  }

  /**
   * In the app the customer is known by id; at the till only by the e-mail address on the loyalty
   * card.
   */
  private void order(Customer customer, int ageInDays, List<ObjectNode> into) {
    ObjectNode order =
        event("track", daysAgo(ageInDays).minus(Duration.ofMinutes(random.nextInt(600))), customer);
    order.put("event", "Order Completed");
    order
        .putObject("properties")
        .put("order_id", "order-" + run + "-" + messageNumber)
        .put("revenue", 5 + random.nextInt(20_000) / 100.0)
        .put("currency", "EUR");
    if (random.nextBoolean()) {
      order.put("userId", customer.userId());
      order.putObject("context").put("channel", "mobile");
    } else {
      order.put("anonymousId", "till-" + run + "-" + messageNumber);
      order
          .putObject("context")
          .put("channel", "server")
          .putObject("traits")
          .put("email", customer.email());
    }
    customer.orderAges.add(ageInDays);
    into.add(order);
  }

  /** Two people and one tablet: each visit belongs to whoever had logged in last at its time. */
  private void household(Customer first, Customer second) {
    households++;
    String tablet = "tablet-" + first.number;
    phases.get(0).add(view(tablet, daysAgo(40), first));
    phases.get(1).add(login(tablet, daysAgo(39), first));
    phases.get(2).add(login(tablet, daysAgo(20), second));
    phases.get(3).add(view(tablet, daysAgo(30), first));
    phases.get(3).add(view(tablet, daysAgo(10), second));
  }

  private void visitor(int number) {
    for (int i = 0; i < 2; i++) {
      phases.get(0).add(view("visitor-" + number, daysAgo(5).plusSeconds(i * 30L), null));
    }
  }

  private void today(Customer customer) {
    if (random.nextInt(4) == 0) {
      customer.orderAges.add(0);
      ObjectNode order = event("track", now.minusSeconds(1), customer);
      order.put("event", "Order Completed").put("userId", customer.userId());
      order
          .putObject("properties")
          .put("order_id", "order-" + run + "-" + messageNumber)
          .put("revenue", 19.9);
      live.add(order);
    }
  }

  private ObjectNode view(
      String device, Instant at, @org.jspecify.annotations.Nullable Customer owner) {
    ObjectNode view = event("page", at, owner);
    view.put("anonymousId", device);
    view.putObject("properties").put("path", "/offers");
    return view;
  }

  private ObjectNode login(String device, Instant at, Customer customer) {
    ObjectNode login = event("track", at, customer);
    login.put("anonymousId", device).put("userId", customer.userId()).put("event", "Signed In");
    return login;
  }

  private ObjectNode event(
      String type, Instant at, @org.jspecify.annotations.Nullable Customer owner) {
    events++;
    if (owner != null) {
      owner.events++;
    }
    return MAPPER
        .createObjectNode()
        .put("type", type)
        .put("messageId", "demo-" + run + "-" + messageNumber++)
        .put("timestamp", at.toString());
  }

  private Instant daysAgo(int days) {
    return now.minus(Duration.ofDays(days));
  }

  private String pick(String[] choices) {
    return choices[random.nextInt(choices.length)];
  }
}
