package io.tributary.ingestion.transform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What an event's own context tells, put where all look for it. What is there already stays. */
public enum Enrichment {
  /**
   * {@code utm_…} of the page's address, in {@code context.campaign} as the specification of
   * Segment names them.
   */
  CAMPAIGN("campaign", "/context/campaign") {
    @Override
    Optional<String> apply(ObjectNode event) {
      Map<String, String> query = query(text(event, Paths.QUERIES));
      ObjectNode campaign = null;
      for (Map.Entry<String, String> each : UTM) {
        String value = query.get(each.getKey());
        if (value != null && !value.isBlank()) {
          campaign = campaign == null ? object(event, "campaign") : campaign;
          if (campaign != null && !campaign.has(each.getValue())) {
            campaign.put(each.getValue(), value);
          }
        }
      }
      return Optional.empty();
    }
  },

  /**
   * Where the visitor came from: the referrer's host and what it is, in {@code context.referrer}.
   */
  REFERRER("referrer", "/context/referrer") {
    @Override
    Optional<String> apply(ObjectNode event) {
      String referrer = text(event, Paths.REFERRERS);
      if (referrer.isBlank()) {
        return Optional.empty();
      }
      String host = host(referrer);
      if (host.isEmpty()) {
        return Optional.of("the referrer is no address of a page");
      }
      ObjectNode object = object(event, "referrer");
      if (object != null && !object.has("host")) {
        object.put("host", host);
        object.put("kind", kind(host, host(text(event, Paths.PAGES))));
      }
      return Optional.empty();
    }
  },

  /**
   * Browser, system, device and whether it's a robot, read from {@code context.userAgent} into
   * {@code context.client}.
   */
  CLIENT("client", "/context/client") {
    @Override
    Optional<String> apply(ObjectNode event) {
      String agent = text(event, Paths.AGENTS);
      if (agent.isBlank()) {
        return Optional.empty();
      }
      UserAgents.Client client = UserAgents.client(agent);
      ObjectNode object = object(event, "client");
      if (object != null) {
        put(object, "browser", client.browser());
        put(object, "browserVersion", client.browserVersion());
        put(object, "os", client.os());
        put(object, "osVersion", client.osVersion());
        put(object, "device", client.device());
        if (!object.has("bot")) {
          object.put("bot", client.bot());
        }
      }
      return Optional.empty();
    }
  },

  /**
   * Takes from {@code context.ip} what tells one household from another: the last 8 bits of an IPv4
   * address, the last 80 of an IPv6 address. What is no address is taken away.
   */
  ANONYMIZE_IP("anonymizeIp", "/context/ip") {
    @Override
    Optional<String> apply(ObjectNode event) {
      if (event.get("context") instanceof ObjectNode context && context.has("ip")) {
        String shortened = shortened(context.get("ip").asString(""));
        if (shortened.isEmpty()) {
          context.remove("ip");
        } else {
          context.put("ip", shortened);
        }
      }
      return Optional.empty();
    }

    @Override
    boolean withholds() {
      return true;
    }
  };

  /** Where addresses and agents stand, the first that is there wins. Compiled once. */
  private static final class Paths {
    private static final JsonPointer PAGE = JsonPointer.compile("/context/page/url");
    private static final JsonPointer OWN = JsonPointer.compile("/properties/url");
    static final List<JsonPointer> QUERIES =
        List.of(JsonPointer.compile("/context/page/search"), PAGE, OWN);
    static final List<JsonPointer> PAGES = List.of(PAGE, OWN);
    static final List<JsonPointer> REFERRERS =
        List.of(
            JsonPointer.compile("/context/page/referrer"),
            JsonPointer.compile("/properties/referrer"));
    static final List<JsonPointer> AGENTS = List.of(JsonPointer.compile("/context/userAgent"));
  }

  private static final int MAX_URL = 8_192;

  /** Longer than any name of a host with its scheme and port; what is longer isn't remembered. */
  private static final int MAX_ORIGIN = 300;

  /** Few sites lead to many visits. */
  private static final Cache<String, String> HOSTS =
      Caffeine.newBuilder().maximumSize(10_000).build();

  /** Parameters of addresses, and the fields that they fill. */
  private static final List<Map.Entry<String, String>> UTM =
      List.of(
          Map.entry("utm_source", "source"),
          Map.entry("utm_medium", "medium"),
          Map.entry("utm_campaign", "name"),
          Map.entry("utm_term", "term"),
          Map.entry("utm_content", "content"));

  private static final Set<String> SEARCH =
      Set.of(
          "google",
          "bing",
          "duckduckgo",
          "yahoo",
          "ecosia",
          "baidu",
          "yandex",
          "qwant",
          "startpage");

  private static final Set<String> SOCIAL =
      Set.of(
          "facebook",
          "instagram",
          "linkedin",
          "twitter",
          "pinterest",
          "tiktok",
          "youtube",
          "reddit",
          "snapchat",
          "threads",
          "xing");

  private static final Set<String> SOCIAL_HOSTS =
      Set.of("x.com", "t.co", "lnkd.in", "youtu.be", "bsky.app");

  private final String wire;
  private final Place place;

  Enrichment(String wire, String place) {
    this.wire = wire;
    this.place = Place.parse(place).orElseThrow();
  }

  /** Its name in requests. */
  public String wire() {
    return wire;
  }

  /** The enrichment with this name in requests. */
  public static Optional<Enrichment> of(@Nullable String wire) {
    for (Enrichment each : values()) {
      if (each.wire.equals(wire)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  Place place() {
    return place;
  }

  /** Fills in what it finds; says why, where something is there that it couldn't read. */
  abstract Optional<String> apply(ObjectNode event);

  boolean withholds() {
    return false;
  }

  private static String text(ObjectNode event, List<JsonPointer> pointers) {
    for (JsonPointer pointer : pointers) {
      JsonNode found = event.at(pointer);
      if (found.isString()
          && !found.stringValue().isBlank()
          && found.stringValue().length() <= MAX_URL) {
        return found.stringValue().strip();
      }
    }
    return "";
  }

  /** An object of the context, made where nothing is; null where something else stands there. */
  static @Nullable ObjectNode object(ObjectNode event, String name) {
    JsonNode context = event.get("context");
    if (context != null && !(context instanceof ObjectNode)) {
      return null;
    }
    ObjectNode around = context == null ? event.putObject("context") : (ObjectNode) context;
    JsonNode there = around.get(name);
    return there == null || there.isNull()
        ? around.putObject(name)
        : there instanceof ObjectNode object ? object : null;
  }

  /** Fills a field in that isn't there, where something is known of it. */
  static void put(ObjectNode object, String name, String value) {
    if (!value.isEmpty() && !object.has(name)) {
      object.put(name, value);
    }
  }

  private static Map<String, String> query(String address) {
    int begin = address.indexOf('?');
    int end = address.indexOf('#', begin + 1);
    if (begin < 0) {
      return Map.of();
    }
    Map<String, String> query = new HashMap<>();
    for (String pair : address.substring(begin + 1, end < 0 ? address.length() : end).split("&")) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? "" : pair.substring(0, equals).toLowerCase(Locale.ROOT);
      if (name.startsWith("utm_")) {
        query.putIfAbsent(name, decoded(pair.substring(equals + 1)));
      }
    }
    return query;
  }

  private static String decoded(String text) {
    try {
      String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8).strip();
      return decoded.indexOf('\0') >= 0 ? "" : decoded;
    } catch (IllegalArgumentException e) {
      return text; // written by hand, with a percent sign of its own
    }
  }

  /** Lower-case; empty for what is no address of a page. */
  private static String host(String address) {
    String origin = origin(address);
    return origin.length() > MAX_ORIGIN ? read(origin) : HOSTS.get(origin, Enrichment::read);
  }

  /** An address up to its path. */
  private static String origin(String address) {
    int begin = address.indexOf("//");
    int end = begin < 0 ? 0 : begin + 2;
    while (end < address.length() && "/?#".indexOf(address.charAt(end)) < 0) {
      end++;
    }
    return address.substring(0, end);
  }

  private static String read(String origin) {
    try {
      String host = new URI(origin).getHost();
      return host == null ? "" : host.toLowerCase(Locale.ROOT);
    } catch (URISyntaxException e) {
      return "";
    }
  }

  private static String kind(String host, String own) {
    if (!own.isEmpty() && site(host).equals(site(own))) {
      return "internal";
    }
    List<String> labels = List.of(host.split("\\."));
    if (labels.stream().anyMatch(SEARCH::contains)) {
      return "search";
    }
    return SOCIAL_HOSTS.contains(host) || labels.stream().anyMatch(SOCIAL::contains)
        ? "social"
        : "other";
  }

  private static String site(String host) {
    return host.startsWith("www.") ? host.substring(4) : host;
  }

  /** Only of what is written as an address: a name would be asked of the network. */
  private static String shortened(String ip) {
    try {
      InetAddress address = InetAddress.ofLiteral(ip.strip());
      byte[] bytes = address.getAddress();
      for (int i = bytes.length == 4 ? 3 : 6; i < bytes.length; i++) {
        bytes[i] = 0;
      }
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (IllegalArgumentException | java.net.UnknownHostException e) {
      return "";
    }
  }
}
