package io.tributary.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;

/**
 * Posts signed webhooks: no redirects, no proxy, no second try by itself. Without connections that
 * are kept, "no answer" never means "an old connection was closed".
 */
public final class WebhookClient implements AutoCloseable {
  private static final int LONGEST_ANSWER = 64 * 1024;

  /** More than all that may be under way at one time: nobody waits for a connection. */
  private static final int MOST_CONNECTIONS = 2_048;

  private final Duration total;
  private final Clock clock;
  private final CloseableHttpClient client;
  private final ScheduledExecutorService deadlines =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("webhook-deadlines").factory());

  /** Whether connections are kept for the next webhook. */
  public enum Connections {
    /** For what must not be sent twice. */
    ONE_EACH,
    /** For what the receiver knows again by its id. */
    KEPT
  }

  /** A client that resolves by the JDK. */
  public WebhookClient(WebhookTargets targets, Connections connections, Clock clock) {
    this(
        targets,
        InetAddress::getAllByName,
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        connections,
        clock);
  }

  WebhookClient(
      WebhookTargets targets,
      GuardedDns.Lookup lookup,
      Duration connect,
      Duration total,
      Connections connections,
      Clock clock) {
    this.total = total;
    this.clock = clock;
    boolean kept = connections == Connections.KEPT;
    Timeout answer = Timeout.of(total);
    this.client =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(new GuardedDns(targets, lookup))
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(Timeout.of(connect))
                            .setSocketTimeout(answer)
                            .setTimeToLive(Timeout.ofMinutes(1))
                            .setValidateAfterInactivity(Timeout.ofSeconds(1))
                            .build())
                    .setMaxConnTotal(MOST_CONNECTIONS)
                    .setMaxConnPerRoute(MOST_CONNECTIONS)
                    .build())
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(answer)
                    .setConnectionRequestTimeout(answer)
                    .setRedirectsEnabled(false)
                    .build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .disableDefaultUserAgent()
            .setConnectionReuseStrategy(
                kept
                    ? DefaultClientConnectionReuseStrategy.INSTANCE
                    : (request, response, context) -> false)
            .build();
  }

  /**
   * One webhook.
   *
   * @param id the same for each attempt: by it the receiver recognizes repetitions
   * @param secrets each of which signs it; two while one takes the other's place
   */
  public record Webhook(String id, String url, List<WebhookSecret> secrets, byte[] body) {
    /** Copies the list. */
    public Webhook {
      secrets = List.copyOf(secrets);
    }
  }

  /** What became of one attempt. No more than codes: answers of receivers are kept nowhere. */
  public sealed interface Reply {
    /**
     * The receiver has answered.
     *
     * @param retryAfter what it says in Retry-After, where that is a number of seconds
     */
    record Answered(int status, Optional<Duration> retryAfter) implements Reply {}

    /** It certainly didn't get there. */
    record NotReached(String reason) implements Reply {}

    /** Nobody can say whether it got there. */
    record NoAnswer() implements Reply {}

    /** It may not be sent there. */
    record Forbidden(String reason) implements Reply {}
  }

  /** Posts one webhook. */
  public Reply send(Webhook webhook) {
    Instant now = clock.instant();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("webhook-id", webhook.id());
    headers.put("webhook-timestamp", Long.toString(now.getEpochSecond()));
    headers.put(
        "webhook-signature",
        webhook.secrets().stream()
            .map(secret -> secret.sign(webhook.id(), now, webhook.body()))
            .collect(Collectors.joining(" ")));
    return send("POST", webhook.url(), headers, webhook.body());
  }

  /**
   * Sends any request to the same kind of targets.
   *
   * @param body JSON; without one where it's empty
   */
  public Reply send(String method, String url, Map<String, String> headers, byte[] body) {
    HttpUriRequestBase request;
    try {
      request = new HttpUriRequestBase(method, URI.create(url));
    } catch (IllegalArgumentException e) {
      return new Reply.Forbidden("invalid_url");
    }
    request.setHeader("user-agent", "Tributary-Webhooks/1");
    headers.forEach(request::setHeader);
    if (body.length > 0) {
      request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    }
    return sent(request);
  }

  private Reply sent(HttpUriRequestBase request) {
    ScheduledFuture<?> deadline =
        deadlines.schedule(request::cancel, total.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return client.execute(request, WebhookClient::reply);
    } catch (ForbiddenAddressException e) {
      return new Reply.Forbidden("address_not_allowed");
    } catch (UnknownHostException e) {
      return new Reply.NotReached("unknown_host");
    } catch (ConnectException | ConnectTimeoutException | NoRouteToHostException e) {
      return new Reply.NotReached("connection_refused");
    } catch (SSLHandshakeException | SSLPeerUnverifiedException e) {
      return new Reply.NotReached("tls_failed");
    } catch (IOException e) {
      // Anything else can strike after the request was written.
      return new Reply.NoAnswer();
    } finally {
      deadline.cancel(false);
    }
  }

  private static Reply reply(ClassicHttpResponse response) {
    try {
      drain(response);
    } catch (IOException e) {
      // The status has been received; the rest of the answer says nothing to us.
    }
    return new Reply.Answered(response.getCode(), retryAfter(response));
  }

  private static Optional<Duration> retryAfter(ClassicHttpResponse response) {
    Header header = response.getFirstHeader("Retry-After");
    return header != null && header.getValue() != null && header.getValue().matches("[0-9]{1,6}")
        ? Optional.of(Duration.ofSeconds(Long.parseLong(header.getValue())))
        : Optional.empty();
  }

  private static void drain(ClassicHttpResponse response) throws IOException {
    if (response.getEntity() != null) {
      try (InputStream in = response.getEntity().getContent()) {
        in.readNBytes(LONGEST_ANSWER);
        // More than that isn't waited for: closing the response cuts the connection.
      }
    }
  }

  @Override
  public void close() throws IOException {
    deadlines.shutdownNow();
    client.close();
  }
}
