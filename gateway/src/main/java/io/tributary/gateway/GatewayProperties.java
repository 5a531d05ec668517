package io.tributary.gateway;

import io.tributary.access.Secrets;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code tributary.gateway}: where each service listens, and who may read metrics.
 *
 * @param metricsToken opens the gateway's own port; empty for nobody
 * @param connectTimeout how long a service may take to accept a connection
 * @param readTimeout how long it may take to begin its answer
 */
@ConfigurationProperties(value = "tributary.gateway", ignoreUnknownFields = false)
record GatewayProperties(
    URI ingestion,
    URI identity,
    URI profile,
    URI segment,
    URI campaign,
    @DefaultValue("") String metricsToken,
    @DefaultValue("1s") Duration connectTimeout,
    @DefaultValue("60s") Duration readTimeout) {

  GatewayProperties {
    if (!metricsToken.isEmpty() && !Secrets.looksLikeToken(metricsToken)) {
      throw new IllegalArgumentException(
          "tributary.gateway.metrics-token must be trb_ and 32 to 64 letters and digits");
    }
  }

  @Override
  public String toString() {
    return "GatewayProperties[" + services() + "]"; // never the token
  }

  /** All services by name, in alphabetical order. */
  Map<String, URI> services() {
    return new TreeMap<>(
        Map.of(
            "ingestion", ingestion,
            "identity", identity,
            "profile", profile,
            "segment", segment,
            "campaign", campaign));
  }
}
