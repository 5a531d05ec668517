package io.tributary.ingestion.transform;

import io.tributary.event.EventType;
import io.tributary.ingestion.transform.TransformationDocument.TransformationStep;
import io.tributary.web.Faults;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads transformations; all that is wrong with one is noted at once. */
public final class TransformationReader {
  /** Steps of one transformation. */
  public static final int MAX_STEPS = 50;

  private static final int MAX_VALUES = 1_000;
  private static final int MAX_NAMES = 50;
  private static final int MAX_NAME = 500;
  private static final int MAX_FORMATS = 10;
  private static final int MAX_VALUE = 4_000;
  private static final int MAX_SCALAR = 500;

  private static final Place LOCATION = Place.parse("/context/location").orElseThrow();

  /** What a step may touch: not what makes an event one of its own, nor its times. */
  private static final Set<String> ROOTS =
      Set.of(
          "traits",
          "properties",
          "context",
          "integrations",
          "event",
          "name",
          "userId",
          "anonymousId",
          "previousId",
          "groupId");

  private static final Map<String, Set<String>> NEEDED =
      Map.ofEntries(
          Map.entry("set", Set.of("path", "value")),
          Map.entry("remove", Set.of("path")),
          Map.entry("move", Set.of("from", "path")),
          Map.entry("rename", Set.of("path", "to")),
          Map.entry("cast", Set.of("path", "to")),
          Map.entry("translate", Set.of("path", "values", "otherwise")),
          Map.entry("compute", Set.of("path", "expression")),
          Map.entry("standardize", Set.of("path", "as", "region", "formats", "timeZone")),
          Map.entry("mask", Set.of("path")),
          Map.entry("hash", Set.of("path")),
          Map.entry("refuse", Set.of("path")),
          Map.entry("enrich", Set.of("with")));

  private final Faults faults;
  private final Means means;

  /**
   * A reader.
   *
   * @param faults takes what is wrong
   * @param means what this server has for steps to use
   */
  public TransformationReader(Faults faults, Means means) {
    this.faults = faults;
    this.means = means;
  }

  /** The transformation; empty where there are no steps, and not to be used beside faults. */
  public Optional<Transformation> read(long version, TransformationDocument document) {
    List<@Nullable TransformationStep> written =
        document.steps() == null ? List.of() : document.steps();
    faults.check(
        written.size() <= MAX_STEPS,
        "steps",
        "too_many",
        "has more than " + MAX_STEPS + " entries");
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < Math.min(written.size(), MAX_STEPS); i++) {
      String at = "steps[" + i + "].";
      TransformationStep step = written.get(i);
      if (step == null) {
        faults.add("steps[" + i + "]", "required", "is missing");
      } else {
        step(step, at).ifPresent(steps::add);
      }
    }
    return steps.isEmpty() ? Optional.empty() : Optional.of(new Transformation(version, steps));
  }

  private Optional<Step> step(TransformationStep step, String at) {
    String op = step.op() == null ? "" : step.op();
    Set<String> needed = NEEDED.get(op);
    if (needed == null) {
      faults.add(
          at + "op",
          step.op() == null ? "required" : "invalid_value",
          "must be set, remove, move, rename, cast, translate, compute, standardize, mask, hash,"
              + " refuse or enrich");
      return Optional.empty();
    }
    onlyNeeded(step, op, needed, at);
    Optional<Op> read = op.equals("enrich") ? enrich(step, at) : op(op, step, at);
    Only only = only(step.types(), step.events(), step.when(), at);
    Step.OnProblem onProblem = onProblem(step.onProblem(), at);
    return read.map(each -> new Step(each, only, onProblem));
  }

  private Optional<Op> op(String op, TransformationStep step, String at) {
    Optional<Place> place = place(step.path(), at + "path");
    return switch (op) {
      case "set" -> {
        JsonNode value = faults.required(step.value(), at + "value");
        if (value != null) {
          boolean many = place.map(Place::isMany).orElse(false);
          small(value, many ? MAX_SCALAR : MAX_VALUE, many, at + "value");
        }
        yield value == null ? Optional.empty() : place.map(there -> new Op.Set(there, value));
      }
      case "remove" -> place.map(Op.Remove::new);
      case "move" -> {
        Optional<Place> from = single(place(step.from(), at + "from"), at + "from");
        yield single(place, at + "path")
            .flatMap(there -> from.map(source -> new Op.Move(source, there)));
      }
      case "rename" -> {
        String to = faults.text(step.to(), at + "to", MAX_NAME);
        place.ifPresent(there ->
            faults.check(
                there.steps().size() > 1 && !there.steps().getLast().equals("*"),
                at + "path",
                "invalid",
                "must be a field within traits, properties or context; move takes others"));
        yield place.map(there -> new Op.Rename(there, to));
      }
      case "cast" -> {
        Optional<Type> to = Type.of(step.to());
        faults.check(
            to.isPresent(), at + "to", "invalid_value", "must be number, string or boolean");
        yield place.flatMap(there -> to.map(type -> new Op.Cast(there, type)));
      }
      case "translate" -> translate(place, step, at);
      case "compute" -> {
        Optional<Expression> expression = expression(step.expression(), at + "expression", true);
        yield single(place, at + "path")
            .flatMap(there -> expression.map(each -> new Op.Compute(there, each)));
      }
      case "standardize" -> {
        Optional<Standard> standard = standard(step, at);
        yield place.flatMap(there -> standard.map(as -> new Op.Standardize(there, as)));
      }
      case "mask" -> place.map(Op.Mask::new);
      case "hash" -> {
        faults.check(
            means.key().isPresent(),
            at + "op",
            "not_available",
            "needs TRIBUTARY_ENCRYPTION_KEY, which isn't set at this server");
        yield place.flatMap(there -> means.key().map(with -> new Op.Hash(there, with)));
      }
      case "refuse" -> place.map(Op.Refuse::new);
      default -> throw new IllegalStateException(op);
    };
  }

  private Optional<Op> enrich(TransformationStep step, String at) {
    if ("location".equals(step.with())) {
      return Optional.of(new Op.Locate(LOCATION, means.locations()));
    }
    Optional<Enrichment> with = Enrichment.of(step.with());
    faults.check(
        with.isPresent(),
        at + "with",
        step.with() == null ? "required" : "invalid_value",
        "must be campaign, referrer, client, location or anonymizeIp");
    return with.map(Op.Enrich::new);
  }

  private Optional<Op> translate(Optional<Place> place, TransformationStep step, String at) {
    Map<String, JsonNode> values = step.values() == null ? Map.of() : step.values();
    faults.check(
        !values.isEmpty() && values.size() <= MAX_VALUES,
        at + "values",
        values.isEmpty() ? "required" : "too_many",
        "must be an object of 1 to " + MAX_VALUES + " texts and what takes their place");
    values.values().stream()
        .limit(MAX_VALUES)
        .forEach(value -> small(value, MAX_SCALAR, true, at + "values"));
    JsonNode otherwise = step.otherwise();
    if (otherwise != null) {
      small(otherwise, MAX_SCALAR, true, at + "otherwise");
    }
    return place.map(there -> new Op.Translate(there, values, otherwise));
  }

  /** What may stand in many places must be small: it would make an event grow without bounds. */
  private void small(JsonNode value, int most, boolean scalar, String at) {
    faults.check(
        !scalar || value.isValueNode(), at, "invalid", "must be a text, a number, a truth or null");
    faults.check(
        value.toString().length() <= most, at, "too_long", "may have " + most + " characters");
  }

  private Optional<Standard> standard(TransformationStep step, String at) {
    String as = step.as() == null ? "" : step.as();
    faults.check(
        step.region() == null || as.equals("phone"),
        at + "region",
        "not_allowed",
        "only goes with phone");
    faults.check(
        (step.formats() == null && step.timeZone() == null) || as.equals("date"),
        at + (step.formats() == null ? "timeZone" : "formats"),
        "not_allowed",
        "only goes with date");
    return switch (as) {
      case "email" -> Optional.of(new Standard.Email());
      case "phone" -> {
        faults.check(
            step.region() == null || Standard.Phone.knows(step.region()),
            at + "region",
            "invalid_value",
            "must be a country's code of two capitals, such as DE");
        yield Optional.of(new Standard.Phone(step.region()));
      }
      case "country" -> Optional.of(new Standard.Country());
      case "currency" -> Optional.of(new Standard.CurrencyCode());
      case "name" -> Optional.of(new Standard.Name());
      case "text" -> Optional.of(new Standard.Text());
      case "date" -> Optional.of(date(step, at));
      default -> {
        faults.add(
            at + "as",
            step.as() == null ? "required" : "invalid_value",
            "must be email, phone, country, currency, name, date or text");
        yield Optional.empty();
      }
    };
  }

  private Standard date(TransformationStep step, String at) {
    List<DateTimeFormatter> formats = new ArrayList<>();
    List<@Nullable String> written = step.formats() == null ? List.of() : step.formats();
    faults.check(
        written.size() <= MAX_FORMATS,
        at + "formats",
        "too_many",
        "has more than " + MAX_FORMATS + " entries");
    for (int i = 0; i < Math.min(written.size(), MAX_FORMATS); i++) {
      try {
        formats.add(DateTimeFormatter.ofPattern(String.valueOf(written.get(i)), Locale.ENGLISH));
      } catch (IllegalArgumentException e) {
        faults.add(
            at + "formats[" + i + "]", "invalid", "must be a pattern such as dd.MM.yyyy HH:mm");
      }
    }
    ZoneId zone = ZoneOffset.UTC;
    if (step.timeZone() != null) {
      try {
        zone = ZoneId.of(step.timeZone());
      } catch (DateTimeException e) {
        faults.add(at + "timeZone", "invalid_value", "must be a time zone such as Europe/Berlin");
      }
    }
    return new Standard.Date(formats, zone);
  }

  /**
   * Which events something is for.
   *
   * @param at where that stands, before the names of its fields
   */
  public Only only(
      @Nullable List<@Nullable String> types,
      @Nullable List<@Nullable String> events,
      @Nullable String when,
      String at) {
    Set<String> wanted = names(types, at + "types");
    for (String type : wanted) {
      faults.check(
          EventType.tryParse(type).isPresent(),
          at + "types",
          "invalid_value",
          "must be track, identify, page, screen, group or alias (was " + type + ")");
    }
    Optional<Expression> holds = expression(when, at + "when", false);
    return new Only(wanted, names(events, at + "events"), holds.orElse(null));
  }

  private Set<String> names(@Nullable List<@Nullable String> written, String at) {
    return Set.copyOf(faults.texts(written, at, MAX_NAMES, MAX_NAME));
  }

  private Step.OnProblem onProblem(@Nullable String written, String at) {
    if (written == null) {
      return Step.OnProblem.KEEP;
    }
    for (Step.OnProblem each : Step.OnProblem.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(written)) {
        return each;
      }
    }
    faults.add(at + "onProblem", "invalid_value", "must be keep, remove or refuse");
    return Step.OnProblem.KEEP;
  }

  private Optional<Expression> expression(@Nullable String written, String at, boolean needed) {
    if (written == null && !needed) {
      return Optional.empty();
    }
    String text = faults.text(written, at, Expression.MAX_LENGTH);
    if (text.isEmpty() || text.length() > Expression.MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(Expression.compile(text));
    } catch (Expression.InvalidException e) {
      faults.add(at, "invalid_expression", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<Place> place(@Nullable String written, String at) {
    Optional<Place> place = Place.parse(written);
    if (place.isEmpty()) {
      faults.add(
          at,
          written == null ? "required" : "invalid",
          "must be a JSON Pointer of at most "
              + Place.MAX_LENGTH
              + " characters, such as /traits/phone or /properties/products/*/price");
      return place;
    }
    if (!ROOTS.contains(place.get().root())) {
      faults.add(
          at,
          "not_editable",
          "must lie in traits, properties, context or integrations, or be event, name, userId,"
              + " anonymousId, previousId or groupId");
      return Optional.empty();
    }
    return place;
  }

  private Optional<Place> single(Optional<Place> place, String at) {
    place.ifPresent(
        there -> faults.check(!there.isMany(), at, "invalid", "must be one place, without *"));
    return place;
  }

  private void onlyNeeded(TransformationStep step, String op, Set<String> needed, String at) {
    Map<String, Boolean> given =
        Map.ofEntries(
            Map.entry("path", step.path() != null),
            Map.entry("from", step.from() != null),
            Map.entry("to", step.to() != null),
            Map.entry("value", step.value() != null),
            Map.entry("values", step.values() != null),
            Map.entry("otherwise", step.otherwise() != null),
            Map.entry("expression", step.expression() != null),
            Map.entry("as", step.as() != null),
            Map.entry("region", step.region() != null),
            Map.entry("formats", step.formats() != null),
            Map.entry("timeZone", step.timeZone() != null),
            Map.entry("with", step.with() != null));
    given.entrySet().stream()
        .filter(Map.Entry::getValue)
        .map(Map.Entry::getKey)
        .filter(name -> !needed.contains(name))
        .sorted()
        .forEach(name -> faults.add(at + name, "not_allowed", "doesn't go with " + op));
  }
}
