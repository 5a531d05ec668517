package io.tributary.benchmarks;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What people do in a web shop, as JSON with slots of fixed width: 70 % track, 20 % page, 10 %
 * identify, about 600 bytes each as they arrive. Control characters mark the slots; JSON has none.
 */
final class Shop {
  static final char MESSAGE = '\u0001';
  static final char PERSON = '\u0002';
  static final char TIME = '\u0003';
  static final char COUNTRY = '\u0004';
  static final char PLAN = '\u0005';
  static final char AMOUNT = '\u0006';

  static final String[] EVENTS = {
    "Product Viewed",
    "Product Viewed",
    "Product Viewed",
    "Product Viewed",
    "Product Added",
    "Product Added",
    "Order Completed",
    "Products Searched",
    "Products Searched",
    "Article Read",
    "Cart Viewed",
    "Coupon Entered",
    "Product Shared",
    "Promotion Clicked"
  };
  private static final String CONTEXT =
      "\"context\":{\"library\":{\"name\":\"analytics-node\",\"version\":\"2.1.3\"},\"ip\":\"203.0.113.7\","
          + "\"locale\":\"de-DE\",\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\","
          + "\"page\":{\"url\":\"https://shop.example.org/category/shoes/item/"
          + slot(AMOUNT)
          + "\",\"referrer\":\"https://search.example.org/\"}}";

  private Shop() {}

  /** A body of {@code size} events of all kinds. */
  static String batch(int size) {
    return wrapped(IntStream.range(0, size).mapToObj(Shop::event).collect(Collectors.joining(",")));
  }

  /** A body of {@code size} identify events. */
  static String people(int size) {
    return wrapped(
        IntStream.range(0, size).mapToObj(i -> identify()).collect(Collectors.joining(",")));
  }

  /** One track event. */
  static String single() {
    return track("Product Viewed");
  }

  private static String wrapped(String events) {
    return "{\"batch\":[" + events + "],\"sentAt\":\"" + slot(TIME) + "\"}";
  }

  private static String event(int i) {
    int kind = i % 20;
    return kind < 2 ? identify() : kind < 6 ? page() : track(EVENTS[kind - 6]);
  }

  private static String track(String event) {
    return "{\"type\":\"track\","
        + who()
        + ",\"event\":\""
        + event
        + "\",\"properties\":{\"revenue\":"
        + "1"
        + slot(AMOUNT)
        + ",\"currency\":\"EUR\",\"sku\":\"sku-"
        + slot(AMOUNT)
        + "\",\"category\":\"shoes\",\"name\":\"A pair of shoes that runs well\",\"quantity\":1},"
        + CONTEXT
        + "}";
  }

  private static String page() {
    return "{\"type\":\"page\","
        + who()
        + ",\"name\":\"Item\",\"properties\":{\"title\":\"A pair of shoes that"
        + " runs well, number "
        + slot(AMOUNT)
        + "\",\"path\":\"/category/shoes/item/"
        + slot(AMOUNT)
        + "\"},"
        + CONTEXT
        + "}";
  }

  private static String identify() {
    return "{\"type\":\"identify\","
        + who()
        + ",\"traits\":{\"email\":\"person-"
        + slot(PERSON)
        + "@example.org\",\"firstName\":\"Ada\",\"country\":\""
        + slot(COUNTRY)
        + "\",\"plan\":\""
        + slot(PLAN)
        + "\",\"age\":41,\"newsletter\":true},"
        + CONTEXT
        + "}";
  }

  private static String who() {
    return "\"messageId\":\"bench-"
        + slot(MESSAGE)
        + "\",\"userId\":\"person-"
        + slot(PERSON)
        + "\",\"anonymousId\":\"device-"
        + slot(PERSON)
        + "\",\"timestamp\":\""
        + slot(TIME)
        + "\"";
  }

  private static String slot(char kind) {
    return String.valueOf(kind).repeat(width(kind));
  }

  /** How many bytes a slot takes; 0 for what doesn't begin one. */
  static int width(char kind) {
    return switch (kind) {
      case MESSAGE -> 12;
      case PERSON -> 7;
      case TIME -> 24;
      case COUNTRY -> 2;
      case PLAN -> 4;
      case AMOUNT -> 3;
      default -> 0;
    };
  }
}
