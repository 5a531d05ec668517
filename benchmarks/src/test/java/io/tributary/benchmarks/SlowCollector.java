package io.tributary.benchmarks;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/** Answers each request with the status that its number is given, as slowly as that takes. */
final class SlowCollector implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  SlowCollector(IntUnaryOperator statusOfNumber) throws IOException {
    AtomicInteger numbers = new AtomicInteger();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          byte[] answer = "{\"success\":true}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("X-Tributary-Position", "p1.here");
          exchange.sendResponseHeaders(
              statusOfNumber.applyAsInt(numbers.getAndIncrement()), answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  Target target() {
    String url = "http://localhost:" + server.getAddress().getPort();
    return new Target(Path.of("."), url, url, "key", "token", 1, 1, "", "");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
