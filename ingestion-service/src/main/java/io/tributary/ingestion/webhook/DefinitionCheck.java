package io.tributary.ingestion.webhook;

import io.tributary.web.Faults;
import io.tributary.web.Problem;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a definition that people wrote must hold before requests are judged by it. Its parts were
 * bound from JSON, so whatever was left out is null, also where a finished definition has no null.
 */
final class DefinitionCheck {
  /** Apart from the names of known providers, those to come too. */
  private static final Pattern ID = Pattern.compile("own-[a-z0-9][a-z0-9-]{1,39}");

  private static final Pattern EXTERNAL_TYPE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,39}");
  private static final int MAX_TEXT = 200;
  private static final int MAX_PLACES = 10;
  private static final int MAX_TYPES = 200;
  private static final int MAX_PROPERTIES = 200;
  private static final int MAX_STEPS = 10;

  /** Lists in lists in lists; each level multiplies the work. */
  private static final int MAX_DEPTH = 3;

  private static final int MAX_DIGITS = 6;
  private static final Duration MIN_TOLERANCE = Duration.ofSeconds(1);
  private static final Duration MAX_TOLERANCE = Duration.ofDays(7);

  private final Faults faults = new Faults();

  /** All faults, in the order of the definition. */
  List<Problem.Fault> faults(Provider provider) {
    faults.matching(
        provider.provider(),
        "provider",
        ID,
        "own- and 2 to 40 small letters, digits and hyphens, such as own-acme");
    faults.text(provider.title(), "title", MAX_TEXT);
    if (isThere(provider.verification(), "verification")) {
      verification(provider.verification());
      needs(provider);
    }
    if (provider.handshake() instanceof Handshake.Challenge challenge) {
      faults.text(challenge.token(), "handshake.token", MAX_TEXT);
      faults.text(challenge.challenge(), "handshake.challenge", MAX_TEXT);
    }
    if (isThere(provider.mapping(), "mapping")) {
      mapping(provider.mapping());
    }
    return faults.list();
  }

  /** All faults of a mapping of rows. */
  List<Problem.Fault> faults(RowMapping mapping) {
    if (mapping.id() != null) {
      required(mapping.id(), "id");
    }
    if (mapping.person() != null) {
      person(mapping.person(), "person");
    }
    format(mapping);
    int ways =
        (mapping.track() == null ? 0 : 1)
            + (mapping.identify() == null ? 0 : 1)
            + (mapping.type() == null ? 0 : 1);
    faults.check(
        ways == 1,
        "track",
        ways == 0 ? "required" : "not_allowed",
        "must stand alone: the event that every row is; or identify, for rows of traits; or type"
            + " and events, for rows that say what they are");
    if (mapping.track() != null) {
      faults.text(mapping.track(), "track", MAX_TEXT);
    }
    traits(mapping.identify(), "identify");
    values(mapping.properties(), "properties");
    faults.check(
        mapping.properties() == null || mapping.track() != null,
        "properties",
        "not_allowed",
        "is only for track; a rule of events has its own");
    if (mapping.type() != null) {
      required(mapping.type(), "type");
    }
    faults.check(
        mapping.events() == null || mapping.type() != null,
        "events",
        "not_allowed",
        "is only for rows that say their type");
    rules(mapping.events() == null ? Map.of() : mapping.events(), "events");
    return faults.list();
  }

  private void format(RowMapping mapping) {
    String format = mapping.timeFormat();
    String zone = mapping.timeZone();
    faults.check(
        format == null || (format.length() <= MAX_TEXT && isFormat(format)),
        "timeFormat",
        "invalid_value",
        "must be a pattern such as dd.MM.yyyy HH:mm");
    faults.check(
        zone == null || (zone.length() <= MAX_TEXT && isZone(zone)),
        "timeZone",
        "invalid_value",
        "must be the name of a zone, such as Europe/Berlin");
    faults.check(
        mapping.time() != null || (format == null && zone == null),
        "time",
        "required",
        "must say where the time stands");
  }

  private static boolean isFormat(String pattern) {
    try {
      RowMapping.formatter(pattern);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isZone(String name) {
    try {
      ZoneId.of(name);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private void needs(Provider provider) {
    Set<String> allowed =
        provider.handshake() instanceof Handshake.Challenge
            ? Set.of(provider.keyName(), Provider.VERIFY_TOKEN)
            : Set.of(provider.keyName());
    for (String name : allowed) {
      faults.text(provider.needs().get(name), "needs." + name, MAX_TEXT);
    }
    for (String name : provider.needs().keySet()) {
      faults.check(
          allowed.contains(name),
          "needs." + name,
          "not_allowed",
          "isn't needed by this way to verify");
    }
  }

  private void verification(Verification verification) {
    switch (verification) {
      case Verification.Hmac hmac -> {
        isThere(hmac.hash(), "verification.hash");
        isThere(hmac.encoding(), "verification.encoding");
        signed(hmac.signed());
        place(hmac.signature(), "verification.signature");
        if (hmac.timestamp() != null) {
          stamp(hmac.timestamp());
        }
      }
      case Verification.Ecdsa ecdsa -> {
        signed(ecdsa.signed());
        place(ecdsa.signature(), "verification.signature");
        if (isThere(ecdsa.timestamp(), "verification.timestamp")) {
          stamp(ecdsa.timestamp());
        }
      }
      case Verification.InQuery query ->
          faults.text(query.parameter(), "verification.parameter", MAX_TEXT);
    }
  }

  private void signed(@Nullable Content signed) {
    if (signed == null) {
      faults.required(signed, "verification.signed");
      return;
    }
    faults.check(
        signed.holdsContent(),
        "verification.signed",
        "nothing_signed",
        "must hold {body}, {form} or a part of them, or whoever sees one signature could send"
            + " anything with it");
    faults.check(
        signed.lookUps() <= MAX_PLACES,
        "verification.signed",
        "too_many",
        "names " + signed.lookUps() + " places; at most " + MAX_PLACES + " are allowed");
  }

  private void place(@Nullable Place place, String path) {
    if (place == null) {
      faults.required(place, path);
      return;
    }
    isThere(place.in(), path + ".in");
    faults.check(
        place.separator() == null || !place.separator().isEmpty(),
        path + ".separator",
        "invalid_value",
        "must have a character");
  }

  private void stamp(Stamp stamp) {
    place(stamp.at(), "verification.timestamp.at");
    isThere(stamp.unit(), "verification.timestamp.unit");
    if (isThere(stamp.tolerance(), "verification.timestamp.tolerance")) {
      faults.check(
          stamp.tolerance().compareTo(MIN_TOLERANCE) >= 0
              && stamp.tolerance().compareTo(MAX_TOLERANCE) <= 0,
          "verification.timestamp.tolerance",
          "out_of_range",
          "must be from PT1S to P7D, such as PT5M for five minutes");
    }
  }

  private void mapping(Mapping mapping) {
    if (isThere(mapping.body(), "mapping.body") && mapping.body() instanceof Payload.InForm in) {
      faults.text(in.field(), "mapping.body.field", MAX_TEXT);
    }
    if (mapping.items() != null) {
      faults.check(
          mapping.items().startsWith("/") && mapping.items().split("/").length <= MAX_STEPS,
          "mapping.items",
          "invalid_value",
          "must be names between slashes, at most "
              + (MAX_STEPS - 1)
              + ", such as /events/*; left out, the body is the only item");
    }
    required(mapping.type(), "mapping.type");
    required(mapping.id(), "mapping.id");
    person(mapping.person(), "mapping.person");
    values(mapping.properties(), "mapping.properties");
    for (Map.Entry<String, Integer> each : entries(mapping.digits())) {
      Integer digits = each.getValue();
      faults.check(
          digits != null && digits >= 0 && digits <= MAX_DIGITS,
          "mapping.digits." + each.getKey(),
          "out_of_range",
          "must be from 0 to " + MAX_DIGITS);
    }
    rules(mapping.events(), "mapping.events");
  }

  private void rules(Map<String, Rule> rules, String path) {
    faults.check(
        rules.size() <= MAX_TYPES,
        path,
        "too_many",
        "has " + rules.size() + " types; at most " + MAX_TYPES + " are allowed");
    rules.forEach((type, rule) -> {
      String at = path + "." + type;
      if (isThere(rule, at)) {
        rule(rule, at);
      }
    });
  }

  private void rule(Rule rule, String path) {
    if (rule.track() != null) {
      faults.text(rule.track(), path + ".track", MAX_TEXT);
    }
    traits(rule.identify(), path + ".identify");
    values(rule.properties(), path + ".properties");
    if (rule.id() != null) {
      required(rule.id(), path + ".id");
    }
    if (rule.person() != null) {
      person(rule.person(), path + ".person");
    }
  }

  private void traits(@Nullable Map<String, Value> traits, String path) {
    values(traits, path);
    for (String name : traits == null ? Set.<String>of() : traits.keySet()) {
      faults.check(
          !name.startsWith("{") || isPlace(name),
          path + "." + name,
          "invalid_value",
          "must be a trait's name, or a place in braces that has it, such as {/field/name}");
    }
  }

  private void person(Person person, String path) {
    optional(person.userId(), path + ".userId");
    optional(person.email(), path + ".email");
    optional(person.phone(), path + ".phone");
    if (person.externalId() != null) {
      faults.matching(
          person.externalId().type(),
          path + ".externalId.type",
          EXTERNAL_TYPE,
          "1 to 40 small letters, digits, _ and -, such as acme");
      required(person.externalId().id(), path + ".externalId.id");
    }
  }

  private void values(@Nullable Map<String, Value> values, String path) {
    faults.check(
        values == null || values.size() <= MAX_PROPERTIES,
        path,
        "too_many",
        "has more than " + MAX_PROPERTIES);
    for (Map.Entry<String, Value> each : entries(values)) {
      String at = path + "." + each.getKey();
      if (isThere(each.getValue(), at)) {
        value(each.getValue(), at, 0);
      }
    }
  }

  private void value(Value value, String path, int depth) {
    switch (value) {
      case Value.First first -> required(first.paths(), path);
      case Value.Constant _ -> {}
      case Value.Each each -> {
        list(each.list(), path, depth);
        each.of().forEach((name, of) -> value(of, path + "." + name, depth + 1));
      }
      case Value.Sum sum -> {
        list(sum.list(), path, depth);
        value(sum.of(), path, depth + 1);
      }
    }
  }

  /** A list of the whole body, gone through for each of its items, is work without bound. */
  private void list(Where list, String path, int depth) {
    faults.check(
        list instanceof Where.Item,
        path,
        "not_allowed",
        "goes through a list, which must be one of the item: a path without header: or body:");
    faults.check(
        depth < MAX_DEPTH, path, "too_deep", "goes through lists in lists, at most " + MAX_DEPTH);
  }

  private void required(@Nullable List<Where> places, String path) {
    faults.check(places != null && !places.isEmpty(), path, "required", "must name a place");
    optional(places, path);
  }

  private void optional(@Nullable List<Where> places, String path) {
    if (places != null) {
      faults.check(
          places.size() <= MAX_PLACES && places.stream().allMatch(Objects::nonNull),
          path,
          "invalid_value",
          "must be a list of at most " + MAX_PLACES + " places, none of them null");
    }
  }

  private static boolean isPlace(String name) {
    try {
      Mapping.named(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private boolean isThere(@Nullable Object value, String path) {
    return faults.required(value, path) != null;
  }

  private static <V> Collection<Map.Entry<String, V>> entries(@Nullable Map<String, V> map) {
    return map == null ? List.of() : map.entrySet();
  }
}
