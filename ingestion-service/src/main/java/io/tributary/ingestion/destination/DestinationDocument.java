package io.tributary.ingestion.destination;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.tributary.event.Topics;
import io.tributary.ingestion.postgres.PostgresServer;
import io.tributary.ingestion.transform.TransformationDocument.TransformationStep;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A destination as people write it.
 *
 * @param kind webhook, http, postgres or connector
 * @param url of a webhook: where messages are posted to
 * @param http requests in the shape of the receiver
 * @param postgres the database whose tables are filled
 * @param connector what code that the operator has installed reaches
 * @param sends what it's told of: events, segments, profiles and erasures
 * @param filter which of them; all where nothing is said
 * @param steps done to each event and each profile before it's sent, as by a transformation
 * @param consent the consent category that a person must have granted; none where nothing is said
 * @param perSecond messages a second at most, 1 to 10000; any number where nothing is said
 * @param concurrency of webhooks and requests without an item, messages on their way at one time, 1
 *     to 16; 4 where nothing is said. Those about one person come one after another all the same
 * @param retryHours how long a message is tried, 1 to 168; 72 where nothing is said
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DestinationDocument(
    @Nullable String name,
    @Nullable String kind,
    @Nullable String url,
    @Nullable HttpRequests http,
    @Nullable PostgresTables postgres,
    @Nullable ConnectorSettings connector,
    @Nullable List<@Nullable String> sends,
    @Nullable DestinationFilter filter,
    @Nullable List<@Nullable TransformationStep> steps,
    @Nullable String consent,
    @Nullable Integer perSecond,
    @Nullable Integer concurrency,
    @Nullable Integer retryHours) {

  /** The topics in which what it's told of stands. */
  List<String> topics() {
    List<@Nullable String> told = sends == null ? List.of() : sends;
    boolean crossings = told.contains("segments");
    // Tables forget who is erased, whatever else they are told.
    return "postgres".equals(kind) || told.size() > (crossings ? 1 : 0)
        ? crossings
            ? List.of(Topics.PROFILE_CHANGES, Topics.SEGMENT_CHANGES)
            : List.of(Topics.PROFILE_CHANGES)
        : List.of(Topics.SEGMENT_CHANGES);
  }

  /** Whether what it's sent is signed, by a secret that we make. */
  @JsonIgnore
  boolean isSigned() {
    return http == null && postgres == null && connector == null;
  }

  /** What was written of a secret; null where there is none. */
  @Nullable String secret() {
    if (connector != null) {
      return connector.secret();
    }
    return postgres != null ? postgres.password() : http != null ? http.secret() : null;
  }

  /** Whether a header is filled with the secret. */
  boolean namesSecret() {
    return http != null
        && http.headers() != null
        && http.headers().values().stream()
            .anyMatch(each -> each != null && each.matches(".*\\{\\{\\s*secret\\b.*"));
  }

  /** The same without what only its sealed form is kept of. */
  DestinationDocument withoutSecrets() {
    return new DestinationDocument(
        name,
        kind,
        url,
        http == null ? null : http.withoutSecret(),
        postgres == null ? null : postgres.withoutPassword(),
        connector == null ? null : connector.withoutSecret(),
        sends,
        filter,
        steps,
        consent,
        perSecond,
        concurrency,
        retryHours);
  }

  /**
   * Requests in the shape of the receiver. In texts, {@code {{…}}} is filled: with {@code id} (of
   * the message), a JSON Pointer into the message as a webhook would have it, {@code items}, and in
   * headers {@code secret}. Functions behind {@code |} change what is filled in; behind a {@code ?}
   * it may be missing, else nothing is sent.
   *
   * @param secret such as a token; kept encrypted, and in no answer. Where it's absent from a
   *     change, the one before counts on
   * @param headers of all requests, 20 at most
   * @param requests 1 to 10; of those that a message goes with, the first
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record HttpRequests(
      @Nullable String secret,
      @Nullable Map<String, @Nullable String> headers,
      @Nullable List<@Nullable HttpRequestShape> requests) {
    HttpRequests withoutSecret() {
      return new HttpRequests(null, headers, requests);
    }

    @Override
    public String toString() {
      return "HttpRequests";
    }
  }

  /**
   * A request.
   *
   * @param on the types of messages that it's made of, such as segment.entered
   * @param method POST, PUT, PATCH or DELETE
   * @param body any JSON; none where nothing is said
   * @param item what each message becomes where many go in one request, in {@code items}
   * @param batch how many messages go in one request with an item, 1 to 1000; 100 where nothing is
   *     said
   * @param alsoDelivered statuses, 207 or 400 to 499, that say as well that it's there, beside 2xx
   * @param refused statuses, 400 to 499, that say as well that what it says is no good
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record HttpRequestShape(
      @Nullable List<@Nullable String> on,
      @Nullable String method,
      @Nullable String url,
      @Nullable JsonNode body,
      @Nullable JsonNode item,
      @Nullable Integer batch,
      @Nullable List<@Nullable Integer> alsoDelivered,
      @Nullable List<@Nullable Integer> refused) {}

  /**
   * What a connector reaches.
   *
   * @param name of the connector; which there are is the operator's to say
   * @param settings as the connector wants them
   * @param secret such as a token; kept encrypted, and in no answer. Where it's absent from a
   *     change, the one before counts on, unless settings are changed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ConnectorSettings(
      @Nullable String name,
      @Nullable Map<String, @Nullable String> settings,
      @Nullable String secret) {
    ConnectorSettings withoutSecret() {
      return new ConnectorSettings(name, settings, null);
    }

    @Override
    public String toString() {
      return "ConnectorSettings[" + name + "]";
    }
  }

  /**
   * Tables in a schema of a Postgres.
   *
   * @param host its name or IPv4 address
   * @param port 5432 where nothing is said
   * @param schema tributary where nothing is said; made where it's missing
   * @param password kept encrypted, and in no answer; where it's absent from a change, the one
   *     before counts on
   * @param tls verify (the default), or off for what the operator has allowed
   * @param ca a certificate in PEM that has signed the server's, where that isn't one of the usual
   *     authorities
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PostgresTables(
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String database,
      @Nullable String schema,
      @Nullable String user,
      @Nullable String password,
      @Nullable String tls,
      @Nullable String ca) {
    PostgresServer.Written server() {
      return new PostgresServer.Written(host, port, database, user, tls, ca);
    }

    PostgresTables withoutPassword() {
      return new PostgresTables(host, port, database, schema, user, null, tls, ca);
    }

    @Override
    public String toString() {
      return "PostgresTables[" + host + "]";
    }
  }

  /**
   * Which messages a destination is sent.
   *
   * @param sources ids of the sources that events come from
   * @param types of events, such as track
   * @param events names of tracked events
   * @param when an expression in CEL that must hold of the event
   * @param segments ids of the segments whose crossings it's told of
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DestinationFilter(
      @Nullable List<@Nullable String> sources,
      @Nullable List<@Nullable String> types,
      @Nullable List<@Nullable String> events,
      @Nullable String when,
      @Nullable List<@Nullable String> segments) {
    static final DestinationFilter ALL = new DestinationFilter(null, null, null, null, null);
  }
}
