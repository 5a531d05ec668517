package io.tributary.gateway;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code tributary.gateway}: where each service listens.
 *
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
    @DefaultValue("1s") Duration connectTimeout,
    @DefaultValue("60s") Duration readTimeout) {

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
