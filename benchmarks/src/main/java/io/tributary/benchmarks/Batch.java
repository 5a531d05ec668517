package io.tributary.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;

/**
 * One HTTP request with events, rendered once. Before each send only who, when and which is written
 * into its slots, so that the generator costs little beside what it measures. For one thread.
 */
final class Batch {
  private static final String[] COUNTRIES = {
    "DE", "FR", "GB", "US", "IT", "ES", "NL", "PL", "SE", "AT"
  };
  private static final String[] PLANS = {"free", "team", "gold", "plat"};

  /** Where something goes, and what. */
  private record Slot(int at, char kind) {}

  private final byte[] bytes;
  private final int bodyBytes;
  private final int size;
  private final List<Slot> slots = new ArrayList<>();
  private final Random random;
  private long number;

  private Batch(String head, String body, int size, long firstNumber, long seed) {
    String request = head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    this.bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    this.bodyBytes = body.length();
    this.size = size;
    this.random = new Random(seed);
    this.number = firstNumber;
    for (int i = 0; i < bytes.length; i++) {
      char kind = (char) bytes[i];
      if (Shop.width(kind) > 0) {
        slots.add(new Slot(i, kind));
        i += Shop.width(kind) - 1;
      }
    }
  }

  /**
   * A batch of mixed events.
   *
   * @param lane told apart from those of other threads: message ids begin with it
   */
  static Batch mixed(String head, int size, int lane) {
    return new Batch(head, Shop.batch(size), size, lane * 1_000_000_000L, lane);
  }

  /** One event, for a path that says its type. */
  static Batch single(String head, int lane) {
    return new Batch(head, Shop.single(), 1, lane * 1_000_000_000L, lane);
  }

  /** A batch of identify events only. */
  static Batch people(String head, int size, int lane) {
    return new Batch(head, Shop.people(size), size, lane * 1_000_000_000L, lane);
  }

  /** Writes new events, each about the next person, all at the same moment. */
  byte[] next(IntSupplier people, String now) {
    int person = 0;
    for (Slot slot : slots) {
      if (slot.kind() == Shop.MESSAGE) {
        number++;
        person = people.getAsInt();
      }
      String text =
          switch (slot.kind()) {
            case Shop.MESSAGE -> null;
            case Shop.PERSON -> null;
            case Shop.TIME -> now;
            case Shop.COUNTRY -> COUNTRIES[person % COUNTRIES.length];
            case Shop.PLAN -> PLANS[plan(person)];
            default -> null;
          };
      if (text != null) {
        text(slot.at(), text);
      } else {
        long digits =
            switch (slot.kind()) {
              case Shop.MESSAGE -> number;
              case Shop.PERSON -> person;
              default -> random.nextInt(1_000);
            };
        digits(slot.at(), Shop.width(slot.kind()), digits);
      }
    }
    return bytes;
  }

  /** Mostly the same for the same person; now and then somebody changes. */
  private int plan(int person) {
    return random.nextInt(50) == 0 ? random.nextInt(PLANS.length) : person / 10 % PLANS.length;
  }

  private void text(int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      bytes[at + i] = (byte) text.charAt(i);
    }
  }

  private void digits(int at, int width, long value) {
    long rest = value;
    for (int i = at + width - 1; i >= at; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  int size() {
    return size;
  }

  /** Bytes of the body; an event's are about the hundredth of it in a batch of 100. */
  int bodyBytes() {
    return bodyBytes;
  }

  /** The same batch's body alone, for those that read it without HTTP. */
  byte[] body() {
    byte[] body = new byte[bodyBytes];
    System.arraycopy(bytes, bytes.length - bodyBytes, body, 0, bodyBytes);
    return body;
  }
}
