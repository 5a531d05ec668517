package io.tributary.conditions;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which events count: a type, perhaps a name, and filters that must all hold. Says nothing of
 * counts or windows, so that conditions which differ only in these share their kept occurrences, by
 * {@link #id()}.
 */
public final class EventPattern {

  private final EventType type;
  private final @Nullable String name;
  private final List<PropertyFilter> where;
  private final ValueMatcher[] matchers;
  private final Path[] paths;
  private final String id;

  /**
   * Makes a pattern.
   *
   * @param name the track event's, page's or screen's name; null = any
   * @param where filters on the event's properties (identify and group: traits), in any order
   */
  public EventPattern(EventType type, @Nullable String name, List<PropertyFilter> where) {
    this.type = Objects.requireNonNull(type);
    this.name = name;
    this.where = List.copyOf(where);
    if (name != null) {
      Limits.requireText(name);
      if (!type.isNamed()) {
        throw new IllegalArgumentException(type.wireName() + " events have no name");
      }
    }
    if (this.where.size() > Limits.MAX_FILTERS) {
      throw new IllegalArgumentException("at most " + Limits.MAX_FILTERS + " filters");
    }
    this.matchers = new ValueMatcher[this.where.size()];
    this.paths = new Path[this.where.size()];
    for (int i = 0; i < paths.length; i++) {
      paths[i] = Path.of(this.where.get(i).property());
      matchers[i] = ValueMatcher.of(this.where.get(i).test());
    }
    this.id = PatternId.of(this);
  }

  /** All track events with this name. */
  public static EventPattern track(String event) {
    return new EventPattern(EventType.TRACK, event, List.of());
  }

  /** The type that events must have. */
  public EventType type() {
    return type;
  }

  /** The name that events must have; null = any. */
  public @Nullable String name() {
    return name;
  }

  /** The filters that must all hold. */
  public List<PropertyFilter> where() {
    return where;
  }

  /**
   * 26 characters that stay the same for the same pattern, whatever the order of its filters; a key
   * for stored occurrences.
   */
  public String id() {
    return id;
  }

  /**
   * Decides about one event.
   *
   * @param eventType its type, as in the event
   * @param eventName the name of a track event, page or screen, else null
   * @param event the whole event as collected
   */
  public boolean matches(String eventType, @Nullable String eventName, JsonNode event) {
    if (!type.wireName().equals(eventType) || (name != null && !name.equals(eventName))) {
      return false;
    }
    if (matchers.length == 0) {
      return true;
    }
    JsonNode filtered = event.get(type.filtered());
    for (int i = 0; i < matchers.length; i++) {
      if (!matchers[i].matches(paths[i].follow(filtered, 0))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EventPattern that
        && type == that.type
        && Objects.equals(name, that.name)
        && new HashSet<>(where).equals(new HashSet<>(that.where));
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "EventPattern[" + type.wireName() + ", name=" + name + ", where=" + where + "]";
  }
}
