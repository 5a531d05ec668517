package io.tributary.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpServer;
import io.tributary.webhook.WebhookClient.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks are signed as receivers expect, reach nothing private, and their results are true. */
@Timeout(60)
class WebhookClientTest {
  private final String secret = WebhookSecret.create();
  private final List<Map<String, List<String>>> headers = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile int status = 204;
  private volatile String location = "";
  private volatile @Nullable String wait;
  private final List<Integer> callers = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          headers.add(new HashMap<>(exchange.getRequestHeaders()));
          bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          callers.add(exchange.getRemoteAddress().getPort());
          if (wait != null) {
            exchange.getResponseHeaders().set("Retry-After", wait);
          }
          if (!location.isEmpty()) {
            exchange.getResponseHeaders().set("Location", location);
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook?x=1";
  }

  private WebhookClient client(GuardedDns.Lookup lookup, String... allowed) {
    return new WebhookClient(
        new WebhookTargets(Set.of(allowed)),
        lookup,
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        WebhookClient.Connections.ONE_EACH,
        Clock.systemUTC());
  }

  private Reply send(String url, WebhookClient client) throws IOException {
    try (client) {
      return client.send(
          new WebhookClient.Webhook(
              "dlv_1",
              url,
              List.of(WebhookSecret.parse(secret)),
              "{\"a\":\"ü\"}".getBytes(StandardCharsets.UTF_8)));
    }
  }

  private Reply send() throws IOException {
    return send(
        url(), client(InetAddress::getAllByName, "127.0.0.1:" + server.getAddress().getPort()));
  }

  @Test
  void theOfficialLibraryAcceptsTheSignature() throws Exception {
    assertThat(send()).isEqualTo(new Reply.Answered(204, Optional.empty()));
    HttpHeaders received =
        HttpHeaders.of(
            Map.of(
                "webhook-id", one("Webhook-id"),
                "webhook-timestamp", one("Webhook-timestamp"),
                "webhook-signature", one("Webhook-signature")),
            (name, value) -> true);
    new Webhook(secret).verify(bodies.getFirst(), received.map());
    assertThat(one("Webhook-id")).containsExactly("dlv_1");
    assertThatThrownBy(() -> new Webhook(secret).verify("{\"a\":\"u\"}", received.map()))
        .isInstanceOf(WebhookVerificationException.class);
    assertThatThrownBy(
            () -> new Webhook(WebhookSecret.create()).verify(bodies.getFirst(), received.map()))
        .isInstanceOf(WebhookVerificationException.class);
  }

  private List<String> one(String name) {
    return headers.getFirst().getOrDefault(name, List.of());
  }

  @ParameterizedTest
  @CsvSource({"200, ", "301, ", "410, ", "429, 30", "503, soon"})
  void itIsToldWhatWasAnswered(int answered, String retryAfter) throws IOException {
    status = answered;
    wait = retryAfter;
    assertThat(send())
        .isEqualTo(
            new Reply.Answered(
                answered,
                "30".equals(retryAfter) ? Optional.of(Duration.ofSeconds(30)) : Optional.empty()));
    assertThat(bodies).hasSize(1);
  }

  @Test
  void twoSecretsSignWhileOneTakesTheOthersPlace() throws Exception {
    String next = WebhookSecret.create();
    WebhookTargets targets =
        new WebhookTargets(Set.of("127.0.0.1:" + server.getAddress().getPort()));
    try (WebhookClient client =
        new WebhookClient(targets, WebhookClient.Connections.KEPT, Clock.systemUTC())) {
      for (int i = 0; i < 2; i++) {
        client.send(
            new WebhookClient.Webhook(
                "evt_" + i,
                url(),
                List.of(WebhookSecret.parse(next), WebhookSecret.parse(secret)),
                "{}".getBytes(StandardCharsets.UTF_8)));
      }
    }
    for (Map<String, List<String>> each : headers) {
      HttpHeaders received =
          HttpHeaders.of(
              Map.of(
                  "webhook-id", each.getOrDefault("Webhook-id", List.of()),
                  "webhook-timestamp", each.getOrDefault("Webhook-timestamp", List.of()),
                  "webhook-signature", each.getOrDefault("Webhook-signature", List.of())),
              (name, value) -> true);
      new Webhook(secret).verify("{}", received.map());
      new Webhook(next).verify("{}", received.map());
    }
    assertThat(headers).hasSize(2);
    assertThat(callers.stream().distinct()).as("on one connection").hasSize(1);
  }

  @Test
  void aRedirectIsNotFollowed() throws IOException {
    status = 307;
    location = url();
    assertThat(send()).isEqualTo(new Reply.Answered(307, Optional.empty()));
    assertThat(bodies).hasSize(1);
  }

  @Test
  void noAnswerIsUncertainAndARefusedConnectionIsNot() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String target = "127.0.0.1:" + silent.getLocalPort();
      assertThat(send("http://" + target + "/", client(InetAddress::getAllByName, target)))
          .isInstanceOf(Reply.NoAnswer.class);
    }
    int closed;
    try (ServerSocket nobody = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      closed = nobody.getLocalPort();
    }
    String target = "127.0.0.1:" + closed;
    assertThat(send("http://" + target + "/", client(InetAddress::getAllByName, target)))
        .isEqualTo(new Reply.NotReached("connection_refused"));
  }

  @Test
  void aConnectionThatIsCutAfterTheRequestIsUncertain() throws IOException {
    try (ServerSocket cutting = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket socket = cutting.accept()) {
              bodies.add("read " + socket.getInputStream().read());
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      String target = "127.0.0.1:" + cutting.getLocalPort();
      assertThat(send("http://" + target + "/", client(InetAddress::getAllByName, target)))
          .isInstanceOf(Reply.NoAnswer.class);
    }
  }

  @Test
  void anAnswerThatDripsIsCutOffAtTheDeadline() throws IOException {
    try (ServerSocket slow = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket socket = slow.accept()) {
              while (true) {
                socket.getOutputStream().write('H');
                socket.getOutputStream().flush();
                java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
              }
            } catch (IOException e) {
              bodies.add("cut off");
            }
          });
      String target = "127.0.0.1:" + slow.getLocalPort();
      long start = System.nanoTime();
      assertThat(send("http://" + target + "/", client(InetAddress::getAllByName, target)))
          .isInstanceOf(Reply.NoAnswer.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "2001:db8::1",
        "100::1"
      })
  void noAddressOfOurOwnIsReached(String address) throws Exception {
    InetAddress forbidden = InetAddress.ofLiteral(address);
    assertThat(GuardedDns.isPublic(forbidden)).isFalse();
    assertThat(
            send(
                "http://hook.example.com:" + server.getAddress().getPort() + "/",
                client(host -> new InetAddress[] {forbidden})))
        .isEqualTo(new Reply.Forbidden("address_not_allowed"));
    assertThat(bodies).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "172.32.0.1"})
  void publicAddressesAreFine(String address) throws UnknownHostException {
    assertThat(GuardedDns.isPublic(InetAddress.ofLiteral(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:%d/", "http://2130706433:%d/", "http://0x7f000001:%d/",
        "http://localhost:%d/", "http://[::1]:%d/", "http://[::ffff:127.0.0.1]:%d/"
      })
  void literalsAreGuardedLikeNames(String url) throws IOException {
    Reply result =
        send(url.formatted(server.getAddress().getPort()), client(InetAddress::getAllByName));
    assertThat(result).isNotInstanceOf(Reply.Answered.class);
    assertThat(bodies).isEmpty();
  }

  @Test
  void aNameThatChangesItsAddressGainsNothing() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    List<String> hosts = new ArrayList<>();
    GuardedDns.Lookup rebinding =
        host -> {
          hosts.add(host);
          return InetAddress.getAllByName(
              asked.getAndIncrement() == 0 ? "203.0.114.1" : "127.0.0.1");
        };
    String url = "http://hook.example.com:" + server.getAddress().getPort() + "/";
    WebhookClient client = client(rebinding);
    send(url, client);
    assertThat(hosts).as("resolved once: what was checked is what is connected to").hasSize(1);
    assertThat(send(url, client(rebinding))).isEqualTo(new Reply.Forbidden("address_not_allowed"));
    assertThat(bodies).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com/x, true",
    "https://example.com:8443/x, true",
    "https://example.com:22/x, false",
    "http://example.com/x, false",
    "http://dev.local:9000/x, true",
    "http://dev.local:9001/x, false",
    "ftp://example.com/, false",
    "https://user:pw@example.com/, false",
    "https://example.com/#f, false",
    "https:///x, false",
    "not a url, false",
    "file:///etc/passwd, false"
  })
  void onlySensibleTargetsAreAccepted(String url, boolean fine) {
    assertThat(new WebhookTargets(Set.of("dev.local:9000")).objection(url).isEmpty())
        .isEqualTo(fine);
  }
}
