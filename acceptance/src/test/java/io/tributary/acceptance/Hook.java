package io.tributary.acceptance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tributary.demo.Api;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A system at the other end of a destination that is told of events, and remembers them. */
final class Hook implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> events = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();

  Hook() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::take);
    server.setExecutor(threads);
    server.start();
  }

  /** For {@code TRIBUTARY_WEBHOOK_ALLOW_PRIVATE}. */
  String target() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      events.put(
          id,
          Api.MAPPER
              .readTree(exchange.getRequestBody().readAllBytes())
              .at("/data/event/messageId")
              .asString());
      requests.incrementAndGet();
      exchange.sendResponseHeaders(204, -1);
    }
  }

  /** The message ids of the events that it was told of, by the ids of the webhooks. */
  Map<String, String> events() {
    return Map.copyOf(events);
  }

  /** How many webhooks came, repetitions too. */
  int requests() {
    return requests.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
