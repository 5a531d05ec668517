package io.tributary.conditions;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The units that a window may be written in, largest first. A day is 24 hours. */
enum WindowUnit {
  DAYS("days", Duration.ofDays(1)),
  HOURS("hours", Duration.ofHours(1)),
  MINUTES("minutes", Duration.ofMinutes(1)),
  SECONDS("seconds", Duration.ofSeconds(1));

  private final String wireName;
  private final Duration length;

  WindowUnit(String wireName, Duration length) {
    this.wireName = wireName;
    this.length = length;
  }

  String wireName() {
    return wireName;
  }

  /** The window of this many units. */
  Duration times(long amount) {
    return length.multipliedBy(amount);
  }

  long amountOf(Duration window) {
    return window.dividedBy(length);
  }

  /** How many of this unit the longest window has. */
  long most() {
    return amountOf(Windows.LONGEST);
  }

  /** The largest unit that the window has a whole number of. */
  static WindowUnit largestOf(Duration window) {
    for (WindowUnit unit : values()) {
      if (unit.times(unit.amountOf(window)).equals(window)) {
        return unit;
      }
    }
    return SECONDS;
  }

  static @Nullable WindowUnit named(String wireName) {
    for (WindowUnit unit : values()) {
      if (unit.wireName.equals(wireName)) {
        return unit;
      }
    }
    return null;
  }

  /** The window in words: "30 days". */
  static String describe(Duration window) {
    WindowUnit unit = largestOf(window);
    long amount = unit.amountOf(window);
    String name = unit.wireName;
    return amount + " " + (amount == 1 ? name.substring(0, name.length() - 1) : name);
  }
}
