package io.tributary.ingestion.destination;

import io.tributary.connector.Connector;
import io.tributary.ingestion.destination.DestinationDocument.ConnectorSettings;
import io.tributary.ingestion.destination.DestinationDocument.HttpRequestShape;
import io.tributary.ingestion.destination.DestinationDocument.HttpRequests;
import io.tributary.ingestion.destination.DestinationDocument.PostgresTables;
import io.tributary.ingestion.postgres.PostgresServer;
import io.tributary.web.Faults;
import io.tributary.webhook.WebhookTargets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Checks where a destination is. What it answers isn't to be used beside faults. */
final class TargetReader {
  private static final int MAX_URL = 2_000;
  private static final int MAX_IDENTIFIER = 63;
  private static final int MAX_HEADERS = 20;
  private static final int MAX_HEADER = 1_000;
  private static final int MAX_REQUESTS = 10;
  private static final int MAX_TYPES = 10;
  private static final int MAX_STATUSES = 20;
  private static final int MAX_SETTINGS = 50;
  private static final int MAX_SETTING = 4_000;
  private static final Pattern SCHEMA = Pattern.compile("(?!pg_)[a-z_][a-z0-9_]{0,62}");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,100}");
  private static final Pattern HEADER_VALUE = Pattern.compile("[ -~]*");
  private static final Pattern ORIGIN = Pattern.compile("(https?://[^/?#{}]+)(?:[/?].*)?");

  /** What says how a request is read, or where it goes, isn't for its author. */
  private static final Set<String> OURS =
      Set.of(
          "host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect");

  /** Messages, and what has to be sent for them. */
  private static final Map<String, String> TYPES =
      Map.of(
          "event",
          "events",
          "segment.entered",
          "segments",
          "segment.exited",
          "segments",
          Selection.STATE,
          "profiles",
          "profile.merged",
          "profiles",
          "profile.split",
          "profiles",
          Selection.ERASED,
          "erasures");

  private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH", "DELETE");

  private final Faults faults;
  private final WebhookTargets targets;
  private final Connectors connectors;

  TargetReader(Faults faults, WebhookTargets targets, Connectors connectors) {
    this.faults = faults;
    this.targets = targets;
    this.connectors = connectors;
  }

  Target read(DestinationDocument written) {
    String kind = Objects.requireNonNullElse(written.kind(), "");
    only("webhook", kind, written.url(), "url");
    only("http", kind, written.http(), "http");
    only("postgres", kind, written.postgres(), "postgres");
    only("connector", kind, written.connector(), "connector");
    return switch (kind) {
      case "webhook" -> webhook(written.url());
      case "http" -> {
        HttpRequests http = written.http();
        yield http == null ? missing("http", "must have requests") : http(http, written);
      }
      case "connector" -> {
        oneByOne(written);
        ConnectorSettings connector = written.connector();
        yield connector == null
            ? missing("connector", "must say name and settings")
            : connected(connector);
      }
      case "postgres" -> {
        oneByOne(written);
        PostgresTables tables = written.postgres();
        yield tables == null
            ? missing("postgres", "must say host, database, user and password")
            : tables(tables);
      }
      default -> {
        faults.add(
            "kind",
            written.kind() == null ? "required" : "invalid_value",
            "must be webhook, http, postgres or connector");
        yield new Target.Webhook("");
      }
    };
  }

  private void oneByOne(DestinationDocument written) {
    faults.check(
        written.concurrency() == null,
        "concurrency",
        "not_allowed",
        "goes with the kinds webhook and http: here many messages are given at one time");
  }

  private Target connected(ConnectorSettings written) {
    String name = faults.text(written.name(), "connector.name", MAX_IDENTIFIER);
    Map<String, String> settings = new LinkedHashMap<>();
    Map<String, @Nullable String> said = Objects.requireNonNullElse(written.settings(), Map.of());
    faults.check(
        said.size() <= MAX_SETTINGS,
        "connector.settings",
        "too_many",
        "has more than " + MAX_SETTINGS + " entries");
    said.entrySet().stream()
        .limit(MAX_SETTINGS)
        .forEach(each ->
            settings.put(
                each.getKey(),
                faults.text(each.getValue(), "connector.settings." + each.getKey(), MAX_SETTING)));
    Optional<Connector> found = connectors.find(name);
    if (found.isEmpty()) {
      faults.add(
          "connector.name",
          "not_available",
          "isn't installed at this server, which has: "
              + (connectors.names().isEmpty() ? "none" : String.join(", ", connectors.names())));
    } else if (faults.isEmpty()) {
      objections(found.get(), settings);
    }
    return new Target.Connected(name, settings);
  }

  private void objections(Connector connector, Map<String, String> settings) {
    Connectors.called(connector, () -> Map.copyOf(connector.check(Map.copyOf(settings))))
        .ifPresentOrElse(
            wrong ->
                wrong.forEach(
                    (name, why) -> faults.add("connector.settings." + name, "invalid", why)),
            () ->
                faults.add(
                    "connector.settings",
                    "invalid",
                    "can't be checked: the connector failed; see the log"));
  }

  private void only(String mine, String kind, @Nullable Object value, String at) {
    faults.check(
        value == null || mine.equals(kind), at, "not_allowed", "goes with the kind " + mine);
  }

  private Target missing(String at, String why) {
    faults.add(at, "required", why);
    return new Target.Webhook("");
  }

  private Target webhook(@Nullable String written) {
    String url = faults.text(written, "url", MAX_URL);
    if (!url.isEmpty()) {
      targets.objection(url).ifPresent(why -> faults.add("url", "invalid_url", why));
    }
    return new Target.Webhook(url);
  }

  private Target http(HttpRequests written, DestinationDocument whole) {
    List<@Nullable HttpRequestShape> requests =
        Objects.requireNonNullElse(written.requests(), List.of());
    faults.check(
        !requests.isEmpty() && requests.size() <= MAX_REQUESTS,
        "http.requests",
        requests.isEmpty() ? "required" : "too_many",
        "must be 1 to " + MAX_REQUESTS + " requests");
    List<Target.Shape> shapes = new ArrayList<>();
    for (int i = 0; i < Math.min(requests.size(), MAX_REQUESTS); i++) {
      HttpRequestShape each = requests.get(i);
      if (each == null) {
        faults.add("http.requests[" + i + "]", "required", "must be a request");
      } else {
        shapes.add(shape(each, sends(whole), "http.requests[" + i + "]."));
      }
    }
    faults.check(
        whole.concurrency() == null || shapes.stream().allMatch(each -> each.item().isEmpty()),
        "concurrency",
        "not_allowed",
        "goes with requests without an item only: those with one go one after another");
    return new Target.Http(headers(written.headers()), shapes);
  }

  private Map<String, Template> headers(@Nullable Map<String, @Nullable String> written) {
    Map<String, Template> headers = new LinkedHashMap<>();
    if (written == null) {
      return headers;
    }
    faults.check(
        written.size() <= MAX_HEADERS,
        "http.headers",
        "too_many",
        "has more than " + MAX_HEADERS + " entries");
    Set<String> names = new HashSet<>();
    written.entrySet().stream()
        .limit(MAX_HEADERS)
        .forEach(entry -> {
          String name = entry.getKey();
          if (!HEADER.matcher(name).matches()
              || OURS.contains(name.toLowerCase(Locale.ROOT))
              || !names.add(name.toLowerCase(Locale.ROOT))) {
            faults.add(
                "http.headers",
                "invalid",
                "has a name that can't be set, or twice: letters, digits and - are, but for "
                    + String.join(", ", OURS.stream().sorted().toList()));
            return;
          }
          String at = "http.headers." + name;
          String value = faults.text(entry.getValue(), at, MAX_HEADER);
          faults.check(
              HEADER_VALUE.matcher(value).matches(), at, "invalid", "must be visible ASCII");
          headers.put(
              name, Template.of(StringNode.valueOf(value), at, Set.of("secret", "id"), faults));
        });
    return headers;
  }

  private static Set<String> sends(DestinationDocument whole) {
    Set<String> sends = new HashSet<>();
    Objects.requireNonNullElse(whole.sends(), List.<@Nullable String>of())
        .forEach(each -> sends.add(String.valueOf(each)));
    return sends;
  }

  private Target.Shape shape(HttpRequestShape written, Set<String> sends, String at) {
    Set<String> types =
        Set.copyOf(faults.texts(written.on(), at + "on", MAX_TYPES, MAX_IDENTIFIER));
    faults.check(
        !types.isEmpty() && TYPES.keySet().containsAll(types),
        at + "on",
        types.isEmpty() ? "required" : "invalid_value",
        "must be a list of " + String.join(", ", TYPES.keySet().stream().sorted().toList()));
    faults.check(
        types.stream().allMatch(each -> sends.contains(TYPES.getOrDefault(each, ""))),
        at + "on",
        "not_allowed",
        "has messages that the destination isn't sent, by what it says in sends");
    String method = Objects.requireNonNullElse(written.method(), "POST");
    faults.check(
        METHODS.contains(method),
        at + "method",
        "invalid_value",
        "must be POST, PUT, PATCH or DELETE");
    Optional<JsonNode> item = present(written.item());
    faults.check(
        item.isPresent() || written.batch() == null,
        at + "batch",
        "not_allowed",
        "goes with an item only: without, each message is a request");
    int batch = faults.between(written.batch(), at + "batch", 1, 1_000, 100);
    Set<String> names = item.isPresent() ? Set.of("id") : Set.of("id", "/");
    String url = faults.text(written.url(), at + "url", MAX_URL);
    return new Target.Shape(
        types,
        method,
        url.isEmpty() ? "" : origin(url, at + "url"),
        Template.of(StringNode.valueOf(url), at + "url", names, faults),
        present(written.body())
            .map(body ->
                Template.of(
                    body, at + "body", item.isPresent() ? Set.of("id", "items") : names, faults)),
        item.map(json -> Template.of(json, at + "item", Set.of("id", "/"), faults)),
        item.isPresent() ? batch : 1,
        statuses(written.alsoDelivered(), at + "alsoDelivered", 207),
        statuses(written.refused(), at + "refused", 400));
  }

  private static Optional<JsonNode> present(@Nullable JsonNode json) {
    return json == null || json.isNull() || json.isMissingNode()
        ? Optional.empty()
        : Optional.of(json);
  }

  /** Where a request goes is the author's to say, and no message's. */
  private String origin(String url, String at) {
    Matcher matcher = ORIGIN.matcher(url);
    if (!matcher.matches()) {
      faults.add(
          at, "invalid_url", "must begin with https:// and a host in which nothing is filled");
      return "";
    }
    targets
        .objection(url.replaceAll("\\{\\{[^{}]*}}", "x"))
        .ifPresent(why -> faults.add(at, "invalid_url", why));
    return matcher.group(1).toLowerCase(Locale.ROOT);
  }

  private Set<Integer> statuses(@Nullable List<@Nullable Integer> written, String at, int besides) {
    Set<Integer> statuses = new HashSet<>();
    for (Integer each : Objects.requireNonNullElse(written, List.<@Nullable Integer>of())) {
      boolean known = each != null && (each == besides || (each >= 400 && each <= 499));
      if (!known || statuses.size() >= MAX_STATUSES) {
        faults.add(
            at,
            "invalid_value",
            "must be up to "
                + MAX_STATUSES
                + (besides == 400 ? " statuses, 400 to 499" : " statuses, 207 or 400 to 499"));
        break;
      }
      statuses.add(each);
    }
    return statuses;
  }

  private Target tables(PostgresTables written) {
    return new Target.Tables(
        PostgresServer.read(written.server(), "postgres", targets, faults),
        written.schema() == null
            ? "tributary"
            : faults.matching(
                written.schema(),
                "postgres.schema",
                SCHEMA,
                "1 to 63 small letters, digits and _, not beginning with a digit or pg_"));
  }
}
