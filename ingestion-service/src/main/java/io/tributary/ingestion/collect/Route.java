package io.tributary.ingestion.collect;

import io.tributary.event.EventType;
import io.tributary.ingestion.accept.Call;
import java.util.Optional;

/** What a path below {@code /v1} leads to. */
sealed interface Route {

  /** Events by POST. */
  record Collect(Call call) implements Route {}

  /** Metrics of the browser SDK itself; nobody wants them, but it must be told 200. */
  record Metrics() implements Route {}

  /** One event by GET, answered with a picture. */
  record Pixel(EventType type) implements Route {}

  /** What the browser SDK reads before it sends anything. */
  record Settings(String writeKey) implements Route {}

  /** What a provider sends by POST, or asks by GET or HEAD before it does. */
  record Webhook(String writeKey) implements Route {}

  /** Whether the collector runs. */
  record Health() implements Route {}

  /** The route of a path; a slash at the end makes no difference. */
  static Optional<Route> of(String path) {
    String trimmed = path;
    while (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    if (trimmed.equals("/health")) {
      return Optional.of(new Health());
    }
    return trimmed.startsWith("/v1/") ? below(trimmed.substring(4)) : Optional.empty();
  }

  private static Optional<Route> below(String path) {
    if (path.startsWith("pixel/")) {
      return type(path.substring(6)).map(Pixel::new);
    }
    if (path.startsWith("projects/") && path.endsWith("/settings")) {
      int end = path.length() - "/settings".length();
      String key = end > 9 ? path.substring(9, end) : "";
      return key.isEmpty() || key.contains("/") ? Optional.empty() : Optional.of(new Settings(key));
    }
    if (path.startsWith("webhooks/")) {
      String key = path.substring(9);
      return key.isEmpty() || key.contains("/") ? Optional.empty() : Optional.of(new Webhook(key));
    }
    return switch (path) {
      case "batch", "import", "b" -> Optional.of(new Collect(Call.BATCH));
      case "m" -> Optional.of(new Metrics());
      default -> type(path).map(type -> new Collect(Call.of(type)));
    };
  }

  private static Optional<EventType> type(String name) {
    return switch (name) {
      case "t" -> Optional.of(EventType.TRACK);
      case "i" -> Optional.of(EventType.IDENTIFY);
      case "p" -> Optional.of(EventType.PAGE);
      case "s" -> Optional.of(EventType.SCREEN);
      case "g" -> Optional.of(EventType.GROUP);
      case "a" -> Optional.of(EventType.ALIAS);
      default -> EventType.tryParse(name);
    };
  }
}
