package io.tributary.webhook;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which URLs webhooks may be posted to: https at the usual ports, or exactly what the operator
 * allowed as {@code host:port}. What a name resolves to is checked when it's connected to, by
 * {@link GuardedDns}.
 */
public final class WebhookTargets {
  private static final Set<Integer> PORTS = Set.of(443, 8443);
  private final Set<String> allowed;

  /** Targets with these exceptions, each {@code host:port}. */
  public WebhookTargets(Set<String> allowed) {
    this.allowed =
        allowed.stream()
            .map(entry -> entry.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Why nothing can be posted there; empty when it can. */
  public Optional<String> objection(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      return Optional.of("must be a valid URL");
    }
    String host = uri.getHost();
    if (host == null || uri.getScheme() == null || !uri.getScheme().matches("(?i)https?")) {
      return Optional.of("must be an https URL with a host");
    }
    if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      return Optional.of("must have neither user:password@ nor a #fragment");
    }
    try {
      if (!host.startsWith("[")) {
        IDN.toASCII(host, IDN.USE_STD3_ASCII_RULES);
      }
    } catch (IllegalArgumentException e) {
      return Optional.of("must have a valid host name");
    }
    if (isAllowed(host, port(uri))) {
      return Optional.empty();
    }
    if (!uri.getScheme().equalsIgnoreCase("https")) {
      return Optional.of("must begin with https://");
    }
    return PORTS.contains(port(uri)) ? Optional.empty() : Optional.of("must use port 443 or 8443");
  }

  /** Whether the operator has allowed exactly that. */
  public boolean isAllowed(String host, int port) {
    return allowed.contains(host.toLowerCase(Locale.ROOT) + ":" + port);
  }

  /** The exceptions, with commas between them. */
  public String allowed() {
    return String.join(",", allowed);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
