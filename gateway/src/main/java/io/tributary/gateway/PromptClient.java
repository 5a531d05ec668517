package io.tributary.gateway;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A client that gives a service some time to begin its answer, and then as long as it likes:
 * exports and streams take their time. (The time-out of {@code JdkClientHttpRequestFactory} is one
 * for the answer as a whole.)
 */
final class PromptClient extends HttpClient {
  private final HttpClient client;
  private final Duration begin;

  /**
   * The same client with a limit.
   *
   * @param begin how long a service may take until its status and headers are there
   */
  PromptClient(HttpClient client, Duration begin) {
    this.client = client;
    this.begin = begin;
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    return limited(client.sendAsync(request, handler));
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      HttpResponse.BodyHandler<T> handler,
      HttpResponse.PushPromiseHandler<T> pushes) {
    return limited(client.sendAsync(request, handler, pushes));
  }

  private <T> CompletableFuture<HttpResponse<T>> limited(
      CompletableFuture<HttpResponse<T>> answer) {
    CompletableFuture<Void> limit = new CompletableFuture<>();
    var _ = limit.orTimeout(begin.toMillis(), TimeUnit.MILLISECONDS);
    var _ = answer.whenComplete((_, _) -> limit.complete(null));
    var _ =
        limit.exceptionally(_ -> {
          answer.cancel(true); // also ends the exchange
          return null;
        });
    return answer;
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    return client.send(request, handler);
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return client.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return client.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return client.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return client.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return client.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return client.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return client.authenticator();
  }

  @Override
  public Version version() {
    return client.version();
  }

  @Override
  public Optional<Executor> executor() {
    return client.executor();
  }
}
