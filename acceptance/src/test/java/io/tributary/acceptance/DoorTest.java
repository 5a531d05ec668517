package io.tributary.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the two doors let strangers see and do, asked byte by byte. */
class DoorTest {
  private static final Product PRODUCT = Product.shared();
  private static final String ORIGIN = "Origin: https://elsewhere.example\r\n";

  @Test
  void pagesOfOtherSitesMayPostEventsAndNothingElse() {
    String asked = ORIGIN + "Access-Control-Request-Method: POST\r\n";
    String collector = send(PRODUCT.collectorUrl(), "OPTIONS /v1/track HTTP/1.1", asked, "");
    assertThat(collector).contains("204", "access-control-allow-origin: *");
    assertThat(collector).doesNotContain("access-control-allow-credentials");
    String api = send(PRODUCT.apiUrl(), "OPTIONS /api/v1/segments HTTP/1.1", asked, "");
    assertThat(api).doesNotContain("access-control-allow");
    String read = send(PRODUCT.apiUrl(), "GET /api/v1/segments HTTP/1.1", ORIGIN + bearer(), "");
    assertThat(read).contains("200").doesNotContain("access-control-allow");
  }

  @Test
  void everyAnswerOfTheApiHasTheHeadersThatKeepBrowsersOut() {
    List<String> answers = new ArrayList<>();
    answers.add(send(PRODUCT.apiUrl(), "GET /api/v1/segments HTTP/1.1", bearer(), ""));
    answers.add(send(PRODUCT.apiUrl(), "GET /api/v1/segments HTTP/1.1", "", ""));
    answers.add(send(PRODUCT.apiUrl(), "GET /api/v1/nothing HTTP/1.1", bearer(), ""));
    answers.add(send(PRODUCT.apiUrl(), "POST /api/v1/segments HTTP/1.1", bearer(), "{"));
    for (String answer : answers) {
      assertThat(answer)
          .contains(
              "x-content-type-options: nosniff",
              "cache-control: no-store",
              "content-security-policy: default-src 'none'; frame-ancestors 'none'",
              "referrer-policy: no-referrer");
      assertThat(answer).doesNotContain("server:", "x-powered-by:", "set-cookie:");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TRACE /api/v1/segments",
    "TRACE /v1/track",
    "TRACK /api/v1/segments",
    "CONNECT localhost:22",
  })
  void methodsThatEchoOrTunnelAreRefused(String line) {
    String url = line.contains("/v1/track") ? PRODUCT.collectorUrl() : PRODUCT.apiUrl();
    String answer = send(url, line + " HTTP/1.1", "X-Echo: seen-by-nobody\r\n", "");
    assertThat(status(answer)).as(answer).isBetween(400, 501);
    assertThat(answer).doesNotContain("seen-by-nobody");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator",
        "/actuator/env",
        "/actuator/heapdump",
        "/actuator/prometheus",
        "/actuator/loggers",
        "/actuator/configprops",
        "/v3/api-docs",
        "/swagger-ui/index.html",
        "/.git/config",
        "/error",
        "/api/v1/../../actuator/env",
      })
  void whatIsInsideIsNotShownOutside(String path) {
    for (String url : List.of(PRODUCT.apiUrl(), PRODUCT.collectorUrl())) {
      String answer = send(url, "GET " + path + " HTTP/1.1", bearer(), "");
      assertThat(status(answer)).as(url + path + answer).isBetween(400, 499);
      assertThat(answer).doesNotContain("io.tributary", "exception", "java.", "org.spring");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 4\r\nContent-Length: 40\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length: +4\r\n",
        "X-Odd: a\u0000b\r\n",
      })
  void aRequestThatTwoServersCouldReadDifferentlyEndsTheConnection(String headers) {
    String hidden = "0\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (String url : List.of(PRODUCT.apiUrl(), PRODUCT.collectorUrl())) {
      String path = url.equals(PRODUCT.apiUrl()) ? "/api/v1/segments" : "/v1/track";
      String answer =
          raw(url, "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + hidden);
      assertThat(answer.split("(?i)http/1\\.1 ", -1)).as(answer).hasSizeLessThanOrEqualTo(2);
      assertThat(status(answer)).as(answer).isBetween(400, 501);
    }
  }

  @Test
  void whatACallerSaysDoesNotBecomeAHeader() {
    String answer =
        send(
            PRODUCT.apiUrl(),
            "GET /api/v1/segments?cursor=%0d%0aX-Forged:%20yes HTTP/1.1",
            bearer() + "X-Request-Id: a b<c>\r\n",
            "");
    assertThat(answer.substring(0, answer.indexOf("\r\n\r\n")))
        .doesNotContain("x-forged", "a b<c>");
  }

  @Test
  void aTokenInAnAddressOpensNothing() {
    for (String name : List.of("access_token", "token", "apiToken")) {
      String path = "/api/v1/segments?" + name + "=" + PRODUCT.apiToken();
      assertThat(status(send(PRODUCT.apiUrl(), "GET " + path + " HTTP/1.1", "", "")))
          .isEqualTo(401);
    }
    String key = "POST /v1/track?writeKey=" + PRODUCT.writeKey() + " HTTP/1.1";
    String event = "{\"userId\":\"door\",\"event\":\"Knocked\"}";
    assertThat(status(send(PRODUCT.collectorUrl(), key, "", event))).isEqualTo(401);
  }

  private static String bearer() {
    return "Authorization: Bearer " + PRODUCT.apiToken() + "\r\n";
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.substring(9, 12));
  }

  /** The whole answer, in lower case. */
  private static String send(String url, String line, String headers, String body) {
    return raw(
        url,
        line
            + "\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n"
            + headers
            + "\r\n"
            + body);
  }

  private static String raw(String url, String request) {
    URI uri = URI.create(url);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1)
          .toLowerCase(Locale.ROOT)
          .replaceFirst("^http", "HTTP");
    } catch (IOException e) {
      throw new AssertionError(request + " broke off", e);
    }
  }
}
