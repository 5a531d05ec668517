package io.tributary.ingestion.collect;

import io.tributary.event.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings that the browser SDK reads at its start: where to post, and nothing else to load.
 */
final class SettingsDocument {
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9.-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?");

  private SettingsDocument() {}

  static byte[] of(String writeKey, HttpServletRequest request, CollectorSettings settings) {
    ObjectNode document = Json.MAPPER.createObjectNode();
    // A second integration would make the SDK look for scripts that aren't here.
    document
        .putObject("integrations")
        .putObject("Segment.io")
        .put("apiKey", writeKey)
        .put("apiHost", apiHost(request, settings))
        .put("protocol", protocol(request, settings))
        .put("addBundledMetadata", true);
    ObjectNode track = document.putObject("plan").putObject("track");
    track.putObject("__default").put("enabled", true).putObject("integrations");
    document.putObject("metrics").put("sampleRate", 0);
    return Json.MAPPER.writeValueAsBytes(document);
  }

  private static String apiHost(HttpServletRequest request, CollectorSettings settings) {
    if (settings.apiHost() != null) {
      return settings.apiHost();
    }
    String host = request.getHeader("Host");
    return host(host == null || !HOST.matcher(host).matches() ? null : host, request) + "/v1";
  }

  private static String host(@Nullable String host, HttpServletRequest request) {
    return host == null ? request.getServerName() + ":" + request.getServerPort() : host;
  }

  private static String protocol(HttpServletRequest request, CollectorSettings settings) {
    String forwarded = settings.trustForwarded() ? request.getHeader("X-Forwarded-Proto") : null;
    boolean secure = forwarded == null ? request.isSecure() : forwarded.equalsIgnoreCase("https");
    return secure ? "https" : "http";
  }
}
