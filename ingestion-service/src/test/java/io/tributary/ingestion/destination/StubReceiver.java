package io.tributary.ingestion.destination;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tributary.event.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import tools.jackson.databind.JsonNode;

/** Another system: keeps what is posted to it, by path, and answers as it's told. */
final class StubReceiver implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, List<Got>> got = new ConcurrentHashMap<>();
  private final Map<String, ToIntFunction<JsonNode>> answers = new ConcurrentHashMap<>();

  /** A request. */
  record Got(String method, Map<String, List<String>> headers, String body, int status) {
    String id() {
      return headers.getOrDefault("Webhook-id", List.of("")).getFirst();
    }

    JsonNode json() {
      return Json.MAPPER.readTree(body);
    }
  }

  StubReceiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::take);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  String target() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  String url(String path) {
    return "http://" + target() + path;
  }

  /** From now on a path answers with what this says of a message. */
  void answer(String path, ToIntFunction<JsonNode> status) {
    answers.put(path, status);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      int status = answers.getOrDefault(path, _ -> 204).applyAsInt(Json.MAPPER.readTree(body));
      List<Got> all = got.computeIfAbsent(path, _ -> new ArrayList<>());
      synchronized (all) {
        all.add(
            new Got(
                exchange.getRequestMethod(),
                new HashMap<>(exchange.getRequestHeaders()),
                body,
                status));
      }
      exchange.sendResponseHeaders(status, -1);
    }
  }

  /** All that a path was sent. */
  List<Got> got(String path) {
    List<Got> all = got.computeIfAbsent(path, _ -> new ArrayList<>());
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  /** What it has said yes to. */
  List<Got> taken(String path) {
    return got(path).stream().filter(each -> each.status() / 100 == 2).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
