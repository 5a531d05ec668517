package io.tributary.ingestion.webhook;

import io.tributary.event.Json;
import io.tributary.web.Faults;
import io.tributary.web.JsonBinding;
import io.tributary.web.Problem;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What becomes of the rows of a file: one call each. Written like the mapping of a webhook, with
 * the row in the place of the item. Either all rows become the same call ({@code track} or {@code
 * identify}), or each says what it is ({@code type} and {@code events}).
 *
 * @param id what tells rows apart, joined by colons; without it all that becomes of a row tells it
 * @param time when it happened
 * @param timeFormat how the time is written, as a pattern of {@link DateTimeFormatter}; null for
 *     ISO 8601 and numbers
 * @param timeZone of times that have none of their own; null for UTC
 * @param person whom the row is about
 * @param track the event that every row is
 * @param identify the traits that every row brings; empty for all columns
 * @param properties of every track call; null for all columns
 * @param type the parts of the type's name, joined by dots
 * @param events the rules by type
 */
public record RowMapping(
    @Nullable List<Where> id,
    @Nullable Where time,
    @Nullable String timeFormat,
    @Nullable String timeZone,
    @Nullable Person person,
    @Nullable String track,
    @Nullable Map<String, Value> identify,
    @Nullable Map<String, Value> properties,
    @Nullable List<Where> type,
    @Nullable Map<String, Rule> events) {
  private static final String PREFIX = "file";
  private static final int MAX_LENGTH = 32_000;
  private static final Incoming NO_REQUEST = new Incoming("", "", "", Map.of(), new byte[0]);

  /**
   * Reads what people wrote.
   *
   * @throws Problem with all that is wrong with it
   */
  public static RowMapping read(JsonNode written) {
    RowMapping mapping = JsonBinding.bind(Providers.FILES, written.deepCopy(), RowMapping.class);
    List<Problem.Fault> faults = new DefinitionCheck().faults(mapping);
    if (!faults.isEmpty()) {
      throw Problem.invalid(faults);
    }
    return mapping;
  }

  /**
   * The same within a request, whose faults the others are told with.
   *
   * @param at where it stands there
   * @return null beside faults
   */
  public static @Nullable RowMapping read(JsonNode written, String at, Faults faults) {
    if (written.toString().length() > MAX_LENGTH) {
      faults.add(at, "too_long", "may have " + MAX_LENGTH + " characters");
      return null;
    }
    try {
      return read(written);
    } catch (Problem e) {
      e.below(at)
          .faults()
          .forEach(fault -> faults.add(fault.path(), fault.code(), fault.message()));
      return null;
    }
  }

  /**
   * The same where it says when things happened; else they happened at the time of a column, in UTC
   * where that has no zone.
   *
   * @param format how it's written; null for ISO 8601
   */
  public RowMapping timedBy(String column, @Nullable String format) {
    return time != null
        ? this
        : new RowMapping(
            id,
            new Where.Item(JsonPointer.empty().appendProperty(column)),
            format,
            timeZone == null ? "UTC" : timeZone,
            person,
            track,
            identify,
            properties,
            type,
            events);
  }

  /**
   * The call that a row becomes; one that says of nobody whom it's about names nobody.
   *
   * @param version tells the row apart from another one that becomes the same; null for nothing
   */
  public ObjectNode call(String sourceId, ObjectNode row, @Nullable String version) {
    Value.Scope scope = new Value.Scope(NO_REQUEST, row, row, Map.of());
    String name = type == null ? "" : Mapping.joined(type, ".", scope);
    Rule rule = events == null ? null : Rule.find(events, name);
    Person named = rule != null && rule.person() != null ? rule.person() : person;
    ObjectNode call = Json.MAPPER.createObjectNode();
    content(call, name, rule, named == null ? Person.NOBODY : named, scope);
    if (time != null) {
      scope.find(time).ifPresent(at -> call.set("timestamp", instant(at)));
    }
    call.putObject("context").putObject("library").put("name", "tributary-import");
    if (named != null) {
      named.name(call, PREFIX, null, scope);
    }
    List<Where> ids = rule != null && rule.id() != null ? rule.id() : id;
    call.put("messageId", messageId(sourceId, ids, call, version, scope));
    return call;
  }

  private void content(
      ObjectNode call, String name, @Nullable Rule rule, Person named, Value.Scope scope) {
    Map<String, Value> traits = rule == null ? identify : rule.identify();
    if (traits != null) {
      call.put("type", "identify")
          .set("traits", traits.isEmpty() ? others(named, scope) : Mapping.traits(traits, scope));
      return;
    }
    String event = rule == null ? track : rule.track();
    Map<String, Value> wanted = rule == null ? properties : rule.properties();
    call.put("type", "track").put("event", event == null ? name : event);
    call.set("properties", wanted == null ? others(named, scope) : Value.object(wanted, scope));
  }

  /** All columns under their own names, but those that say who, when and what. */
  private ObjectNode others(Person named, Value.Scope scope) {
    Set<String> used = new HashSet<>();
    Stream.of(
            named.places(),
            Stream.ofNullable(time),
            type == null ? Stream.<Where>of() : type.stream())
        .flatMap(places -> places)
        .forEach(place -> {
          if (place instanceof Where.Item(var pointer) && pointer.tail() != null) {
            used.add(pointer.getMatchingProperty());
          }
        });
    Map<String, JsonNode> kept = new LinkedHashMap<>();
    scope
        .item()
        .properties()
        .forEach(field -> {
          JsonNode value = field.getValue();
          boolean blank = value.isNull() || (value.isString() && value.stringValue().isBlank());
          if (!blank && !used.contains(field.getKey())) {
            kept.put(field.getKey(), value);
          }
        });
    ObjectNode out = Json.MAPPER.createObjectNode();
    kept.forEach(out::set);
    return out;
  }

  /** A time that isn't written as it's said stays as it is, and will be refused. */
  private JsonNode instant(JsonNode written) {
    if (timeFormat == null && timeZone == null) {
      return written;
    }
    try {
      DateTimeFormatter format =
          timeFormat == null ? DateTimeFormatter.ISO_DATE_TIME : formatter(timeFormat);
      ZoneId zone = timeZone == null ? ZoneOffset.UTC : ZoneId.of(timeZone);
      Instant at =
          switch (format
              .withZone(zone)
              .parseBest(written.asString().strip(), Instant::from, LocalDate::from)) {
            case Instant instant -> instant;
            case LocalDate day -> day.atStartOfDay(zone).toInstant();
            default -> throw new DateTimeException("not a time");
          };
      return Json.MAPPER.getNodeFactory().stringNode(at.toString());
    } catch (DateTimeException e) {
      return written;
    }
  }

  /**
   * The format of a pattern.
   *
   * @throws IllegalArgumentException if it's none
   */
  static DateTimeFormatter formatter(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
  }

  /** The same in each file that has the row; without an id, as long as it becomes the same call. */
  private static String messageId(
      String sourceId,
      @Nullable List<Where> ids,
      ObjectNode call,
      @Nullable String version,
      Value.Scope scope) {
    Optional<JsonNode> first = ids == null ? Optional.empty() : scope.find(ids.getFirst());
    if (ids == null || first.isEmpty()) {
      return ofContent(sourceId, call, version);
    }
    String whole = PREFIX + ":" + sourceId + ":" + Mapping.joined(ids, ":", scope);
    return whole.length() <= Mapping.MAX_MESSAGE_ID ? whole : PREFIX + ":" + Mapping.hash(whole);
  }

  /**
   * The id of a call that has none: the same for the same call of the same source.
   *
   * @param version of what became that call; null for any
   */
  public static String ofContent(String sourceId, ObjectNode call, @Nullable String version) {
    return PREFIX + ":" + Mapping.hash(sourceId + call + (version == null ? "" : version));
  }
}
