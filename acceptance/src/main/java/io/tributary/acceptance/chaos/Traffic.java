package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Fact.Kind;
import io.tributary.acceptance.chaos.Fact.Who;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes up what people do. Regulars are known from the beginning; visitors come without a name, on
 * several devices, and become known; some devices are shared by two people; the guest of each round
 * buys until they ask to be left alone. Shared by all client threads, so that two of them often
 * speak of the same person at the same moment.
 */
final class Traffic {
  static final int REGULARS = 60;
  static final List<String> PLANS = List.of("gold", "silver", "bronze");
  private static final int BEHIND_MILLIS = 500;
  private static final int MOST_IN_A_BATCH = 14;
  private static final int VISITORS_AT_A_TIME = 12;
  private static final int MESSAGES_PER_VISITOR = 25;
  private final String prefix;
  private final Clock clock;
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger visits = new AtomicInteger();
  private final AtomicLong latest = new AtomicLong();
  private volatile int round;
  private volatile List<Guest> guests = List.of();

  /** Somebody who is mailed at their own address. */
  record Guest(String userId, String email) {
    static Guest of(int round) {
      return new Guest("x-" + round, "x-" + round + "@chaos.example");
    }
  }

  /** Traffic whose message ids begin with {@code prefix}. */
  Traffic(String prefix, Clock clock) {
    this.prefix = prefix;
    this.clock = clock;
  }

  /** From now on messages belong to this round, and these guests buy. */
  void enter(int number, List<Guest> buying) {
    guests = List.copyOf(buying);
    round = number;
  }

  /** Everybody who is known from the beginning. */
  List<Fact> introductions() {
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < REGULARS; i++) {
      facts.add(
          identify(Who.user("p-" + i).mailedAt("p-" + i + "@chaos.example"), PLANS.get(i % 3)));
    }
    return facts;
  }

  /** A guest says who they are. */
  Fact introduction(Guest guest) {
    return identify(Who.user(guest.userId()).mailedAt(guest.email()), "");
  }

  /** What one client sends next. */
  Request next(Random random) {
    if (random.nextInt(4) == 0) {
      return Request.single(fact(random));
    }
    List<Fact> facts = new ArrayList<>();
    for (int i = 1 + random.nextInt(MOST_IN_A_BATCH); i > 0; i--) {
      facts.add(fact(random));
    }
    if (random.nextInt(8) == 0) {
      // The same message twice in one request.
      facts.add(facts.getFirst());
    }
    Request request = Request.batch(facts);
    return random.nextInt(60) == 0 ? request.cut() : request;
  }

  private Fact fact(Random random) {
    int dice = random.nextInt(100);
    if (dice < 56) {
      return regular(random);
    }
    if (dice < 80) {
      return visitor(random);
    }
    if (dice < 90) {
      return shared(random);
    }
    if (dice < 98 && !guests.isEmpty()) {
      Guest guest = guests.get(random.nextInt(guests.size()));
      return track(
          Who.user(guest.userId()), random.nextInt(3) == 0 ? "Visited" : "Bought", at(random));
    }
    return poison(random);
  }

  private Fact regular(Random random) {
    Who who = Who.user("p-" + random.nextInt(REGULARS));
    int dice = random.nextInt(100);
    if (dice < 6) {
      return identify(who, PLANS.get(random.nextInt(3)));
    }
    if (dice < 10) {
      return track(who, "Bought", now());
    }
    if (dice < 14) {
      return track(who, "Shipped", now());
    }
    return track(
        who, List.of("Pinged", "Pinged", "Visited", "Ordered").get(random.nextInt(4)), at(random));
  }

  /** One person however many devices: whatever connects them may come in any order. */
  private Fact visitor(Random random) {
    int newest = VISITORS_AT_A_TIME + visits.incrementAndGet() / MESSAGES_PER_VISITOR;
    int number = newest - random.nextInt(VISITORS_AT_A_TIME);
    String device = "a-" + number + "." + random.nextInt(3);
    int dice = random.nextInt(100);
    if (dice < 60) {
      return track(
          Who.device(device),
          List.of("Visited", "Ordered", "Pinged").get(random.nextInt(3)),
          at(random));
    }
    if (number % 4 == 0) {
      // Never says who they are; a mail address is all that connects the devices.
      return identify(Who.device(device).mailedAt("v-" + number + "@chaos.example"), "");
    }
    Who who = Who.user("v-" + number);
    if (dice < 75) {
      return identify(who.on(device), PLANS.get(random.nextInt(3)));
    }
    if (dice < 82) {
      return alias(who.formerly(device));
    }
    if (dice < 90) {
      return identify(who.mailedAt("v-" + number + "@chaos.example"), "");
    }
    return track(who, "Ordered", at(random));
  }

  /** Two known people and a device between them. */
  private Fact shared(Random random) {
    int number = random.nextInt(12) + 12 * (round / 20);
    String device = "t-" + number;
    Who who = Who.user("s-" + number + (random.nextBoolean() ? ".one" : ".two"));
    return switch (random.nextInt(5)) {
      case 0 -> identify(who.on(device), PLANS.get(random.nextInt(3)));
      case 1 -> track(who.on(device), "Visited", now());
      case 2 -> track(who, "Ordered", now());
      default -> track(Who.device(device), "Visited", now());
    };
  }

  /** Identifies by names that others use crosswise. */
  Fact crosswise(Random random) {
    int number = random.nextInt(10);
    Who who = Who.user("c-" + round + "." + number);
    int other = random.nextInt(10);
    return identify(
        who.on("c-" + round + "." + other)
            .mailedAt("c-" + round + "." + random.nextInt(10) + "@chaos.example"),
        "");
  }

  private Fact poison(Random random) {
    // Without any name, and with a time that is none.
    return new Fact(
        id(), round, Kind.POISON, new Who("", "", "", ""), "Nobody did this", "", "", at(random));
  }

  private Fact track(Who who, String event, Instant at) {
    String id = id();
    String order = event.equals("Bought") || event.equals("Shipped") ? "order-" + id : "";
    return Fact.track(id, round, who, event, order, at);
  }

  private Fact identify(Who who, String plan) {
    return Fact.identify(id(), round, who, plan, now());
  }

  private Fact alias(Who who) {
    return new Fact(id(), round, Kind.ALIAS, who, "", "", "", now());
  }

  private String id() {
    return prefix + numbers.incrementAndGet();
  }

  /** Most things are told as they happen, some later, and some days later. */
  private Instant at(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> now().minus(Duration.ofSeconds(1 + random.nextInt(15)));
      case 1 -> now().minus(Duration.ofMinutes(10 + random.nextInt(600)));
      case 2 -> now().minus(Duration.ofHours(30 + random.nextInt(100)));
      default -> now();
    };
  }

  /**
   * The time a moment ago, never the same twice: even many at once are never ahead of the
   * collector's clock, which would take its own time for them.
   */
  private Instant now() {
    return Instant.ofEpochMilli(
        latest.updateAndGet(before -> Math.max(before + 1, clock.millis() - BEHIND_MILLIS)));
  }
}
