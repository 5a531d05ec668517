package io.tributary.campaign.webhook;

import io.tributary.campaign.journey.SendResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;

/**
 * Posts signed webhooks: no redirects, no proxy, no second try by itself, each on a connection of
 * its own, so that "no answer" never means "an old connection was closed".
 */
public final class WebhookClient implements AutoCloseable {
  private static final int LONGEST_ANSWER = 64 * 1024;
  private static final int MOST_CONNECTIONS = 256;
  private final Duration total;
  private final Clock clock;
  private final CloseableHttpClient client;
  private final ScheduledExecutorService deadlines =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("webhook-deadlines").factory());

  /** A client that resolves by the JDK. */
  public WebhookClient(WebhookTargets targets, Clock clock) {
    this(targets, InetAddress::getAllByName, Duration.ofSeconds(2), Duration.ofSeconds(10), clock);
  }

  WebhookClient(
      WebhookTargets targets,
      GuardedDns.Lookup lookup,
      Duration connect,
      Duration total,
      Clock clock) {
    this.total = total;
    this.clock = clock;
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
            .setConnectionReuseStrategy((request, response, context) -> false)
            .build();
  }

  /**
   * One webhook.
   *
   * @param id the same for each attempt: by it the receiver recognizes repetitions
   */
  public record Webhook(String id, String url, WebhookSecret secret, byte[] body) {}

  /** Posts one webhook. */
  public SendResult send(Webhook webhook) {
    HttpPost post;
    try {
      post = post(webhook);
    } catch (IllegalArgumentException e) {
      return new SendResult.Impossible("invalid_url", "");
    }
    ScheduledFuture<?> deadline =
        deadlines.schedule(post::cancel, total.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return client.execute(post, WebhookClient::result);
    } catch (GuardedDns.ForbiddenAddressException e) {
      return new SendResult.Impossible("address_not_allowed", "");
    } catch (UnknownHostException e) {
      return new SendResult.Deferred("unknown_host", "");
    } catch (ConnectException | ConnectTimeoutException | NoRouteToHostException e) {
      return new SendResult.Deferred("connection_refused", "");
    } catch (SSLHandshakeException | SSLPeerUnverifiedException e) {
      return new SendResult.Deferred("tls_failed", "");
    } catch (IOException e) {
      // Anything else can strike after the request was written.
      return new SendResult.Unknown("no_answer", "");
    } finally {
      deadline.cancel(false);
    }
  }

  private HttpPost post(Webhook webhook) {
    Instant now = clock.instant();
    HttpPost post = new HttpPost(webhook.url());
    post.setHeader("webhook-id", webhook.id());
    post.setHeader("webhook-timestamp", Long.toString(now.getEpochSecond()));
    post.setHeader("webhook-signature", webhook.secret().sign(webhook.id(), now, webhook.body()));
    post.setHeader("user-agent", "Tributary-Webhooks/1");
    post.setEntity(new ByteArrayEntity(webhook.body(), ContentType.APPLICATION_JSON));
    return post;
  }

  private static SendResult result(ClassicHttpResponse response) throws IOException {
    int code = response.getCode();
    try {
      drain(response);
    } catch (IOException e) {
      // The status has been received; the rest of the answer says nothing to us.
    }
    String detail = Integer.toString(code);
    if (code / 100 == 2) {
      return new SendResult.Accepted(detail);
    }
    return switch (code) {
      case 410 -> new SendResult.EndpointGone(detail);
      case 408, 425, 429 -> new SendResult.Deferred("refused_for_now", detail);
      default ->
          code >= 500
              ? new SendResult.Deferred("receiver_failed", detail)
              : new SendResult.Refused("refused", detail, false);
    };
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
