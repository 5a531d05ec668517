package io.tributary.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
  private static final String THINGS = "/api/v1/things";
  private static ThingService service;

  @BeforeAll
  static void start() {
    service = new ThingService().withSchemas();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        Arguments.of("", "body_required"),
        Arguments.of("null", "body_required"),
        Arguments.of("{", "malformed_json"),
        Arguments.of("{\"count\":1", "malformed_json"),
        Arguments.of("{\"count\":1}}", "malformed_json"),
        Arguments.of("{\"count\":1} {}", "malformed_json"),
        Arguments.of("{'count':1}", "malformed_json"),
        Arguments.of("{\"count\":NaN}", "malformed_json"),
        Arguments.of("{\"count\":1,\"count\":2}", "malformed_json"),
        Arguments.of("{\"count\":01}", "malformed_json"),
        Arguments.of("\"text\"", "invalid_request"),
        Arguments.of("[]", "invalid_request"),
        Arguments.of(
            "{\"count\":1,\"tree\":" + "[".repeat(500) + "]".repeat(500) + "}", "json_limit"),
        Arguments.of("{\"count\":1,\"name\":\"" + "x".repeat(70_000) + "\"}", "json_limit"),
        Arguments.of("{\"count\":1,\"ratio\":" + "9".repeat(1_000) + "}", "json_limit"),
        Arguments.of("{\"count\":1,\"free\":{\"" + "k".repeat(5_000) + "\":1}}", "json_limit"));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void bodyThatCannotBeReadIsRefusedWithItsReason(String body, String code) {
    ThingService.Answer answer = service.post(THINGS, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.text()).doesNotContain("tools.jackson").doesNotContain("io.tributary");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"count\":\"five\"}|count",
        "{\"count\":\"5\"}|count",
        "{\"count\":5.5}|count",
        "{\"count\":99999999999}|count",
        "{\"count\":null}|count",
        "{\"count\":{}}|count",
        "{\"count\":1,\"name\":7}|name",
        "{\"count\":1,\"name\":[\"a\"]}|name",
        "{\"count\":1,\"ratio\":1e999}|ratio",
        "{\"count\":1,\"colour\":\"BLUE\"}|colour",
        "{\"count\":1,\"colour\":1}|colour",
        "{\"count\":1,\"at\":\"yesterday\"}|at",
        "{\"count\":1,\"parts\":{}}|parts",
        "{\"count\":1,\"parts\":[{\"size\":1},{\"size\":\"big\"}]}|parts[1].size",
        "{\"count\":1,\"parts\":[{\"colour\":1}]}|parts[0].colour",
        "{\"count\":1,\"nmae\":\"a\"}|nmae",
        "{\"count\":1,\"name\":\"a\\u0000b\"}|name",
        "{\"count\":1,\"free\":{\"deep\":[1,\"\\u0000\"]}}|free.deep[1]",
        "{\"count\":1,\"tree\":{\"deep\":[\"\\u0000\"]}}|tree.deep[0]",
        "{\"count\":1,\"name\":\"\\ud800\"}|name",
      })
  void valueThatDoesNotFitIsNamed(String body, String path) {
    ThingService.Answer answer = service.post(THINGS, body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid_request");
    assertThat(answer.paths()).containsExactly(path);
    assertThat(answer.text()).doesNotContain("tools.jackson").doesNotContain("io.tributary");
  }

  @Test
  void nulInAKeyIsRefused() {
    ThingService.Answer answer = service.post(THINGS, "{\"count\":1,\"free\":{\"a\\u0000\":1}}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("nul_character");
  }

  @Test
  void allFaultsAreToldAtOnce() {
    ThingService.Answer answer =
        service.post(
            THINGS,
            "{\"count\":\"x\",\"name\":[],\"colour\":\"BLUE\",\"parts\":[{\"size\":\"b\"}],\"odd\":1}");
    assertThat(answer.paths())
        .containsExactlyInAnyOrder("count", "name", "colour", "parts[0].size", "odd");
    assertThat(answer.text()).contains("RED, GREEN");
  }

  @Test
  void brokenUtf8IsRefused() {
    for (byte[] broken :
        List.of(
            new byte[] {(byte) 0xff},
            new byte[] {(byte) 0xc3},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})) {
      byte[] body = "{\"count\":1,\"name\":\"??\"}".getBytes(StandardCharsets.UTF_8);
      byte[] whole = new byte[body.length + broken.length - 2];
      System.arraycopy(body, 0, whole, 0, 19);
      System.arraycopy(broken, 0, whole, 19, broken.length);
      System.arraycopy(body, 21, whole, 19 + broken.length, body.length - 21);
      ThingService.Answer answer = service.post(THINGS, whole);
      assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    }
  }

  @Test
  void oversizedBodyIs413() {
    ThingService.Answer answer = service.post(THINGS, new byte[1_100_000]);
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.code()).isEqualTo("body_too_large");
  }

  @Test
  void oversizedBodyWithoutALengthIs413() throws IOException {
    StringBuilder chunks = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      chunks.append("8000\r\n").append(" ".repeat(0x8000)).append("\r\n");
    }
    String answer =
        raw(
            "POST "
                + THINGS
                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer "
                + ThingService.WRITER
                + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunks
                + "0\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 413");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "%20",
        "bm90IGpzb24",
        "WyIxIiwidGhpbmdzIl0",
        "WyIxIiwib3RoZXJzIiwiMSJd",
        "WyIyIiwidGhpbmdzIiwiMSJd",
        "WyIxIiwidGhpbmdzIiwieCJd",
        "W1tbW1tbW11dXV1dXV0",
        "bnVsbA",
        "WyIxIiwidGhpbmdzIixudWxsXQ",
      })
  void cursorThatIsNoneOfTheListIsRefused(String cursor) {
    ThingService.Answer answer = service.get(THINGS + "?cursor=" + cursor, ThingService.READER);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid_cursor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "201", "-1", "ten", "99999999999999"})
  void limitOutOfBoundsIsRefused(String limit) {
    ThingService.Answer answer = service.get(THINGS + "?limit=" + limit, ThingService.READER);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.paths()).containsExactly("limit");
  }

  @Test
  void pagesCoverTheListOnce() {
    int seen = 0;
    String path = THINGS;
    while (!path.isEmpty()) {
      var page = service.get(path, ThingService.READER).json();
      for (var number : page.at("/data")) {
        assertThat(number.asInt()).isEqualTo(++seen);
      }
      String next = page.at("/nextCursor").asString("");
      path = next.isEmpty() ? "" : THINGS + "?limit=50&cursor=" + next;
    }
    assertThat(seen).isEqualTo(120);
  }

  @Test
  void parametersAreNamedWhenMissingOrWrong() {
    String id = UUID.randomUUID().toString();
    assertThat(service.get(THINGS + "/" + id, ThingService.READER).paths())
        .containsExactly("depth");
    assertThat(service.get(THINGS + "/" + id + "?depth=x", ThingService.READER).paths())
        .containsExactly("depth");
    assertThat(service.get(THINGS + "/no-uuid?depth=1", ThingService.READER).paths())
        .containsExactly("id");
    assertThat(service.get(THINGS + "/%00?depth=1", ThingService.READER).status()).isEqualTo(400);
    assertThat(service.get(THINGS + "?cursor=%00", ThingService.READER).code())
        .isEqualTo("nul_character");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%ff", "%ED%A0%80", "%zz", "%", "a%c3", "%e2%82"})
  void queryThatCannotBeReadIsRefused(String value) throws IOException {
    assertThat(get(THINGS + "?limit=" + value))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "\"invalid_query\"");
    assertThat(get(THINGS + "?" + value + "=1")).startsWith("HTTP/1.1 400");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%zz", "/%ff", "/{id}", "/a%5cb", "/%2F", "?limit=[]", "?limit=\u0001"})
  void whatTheContainerRefusesIsAProblem(String address) throws IOException {
    assertThat(get(THINGS + address))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "\"bad_request\"")
        .doesNotContain("<html");
  }

  @Test
  void methodMediaTypeAndAddressAreProblems() {
    ThingService.Answer method = service.send("DELETE", THINGS, ThingService.WRITER, new byte[0]);
    assertThat(method.status()).isEqualTo(405);
    assertThat(method.headers().firstValue("Allow").orElseThrow()).contains("POST");
    assertThat(service.post(THINGS, "a=b", "Content-Type", "text/plain").status()).isEqualTo(415);
    assertThat(service.get("/api/v1/none", ThingService.READER).code()).isEqualTo("not_found");
    assertThat(service.get(THINGS, ThingService.READER, "Accept", "image/png").status())
        .isEqualTo(406);
  }

  @Test
  void versionsAreChecked() {
    String path = THINGS + "/thing";
    byte[] none = new byte[0];
    assertThat(service.send("PUT", path, ThingService.WRITER, none).code())
        .isEqualTo("if_match_required");
    assertThat(service.send("PUT", path, ThingService.WRITER, none, "If-Match", "\"6\"").status())
        .isEqualTo(412);
    assertThat(service.send("PUT", path, ThingService.WRITER, none, "If-Match", "\"7\"").status())
        .isEqualTo(200);
  }

  @Test
  void whatPostgresCannotTakeIsTheCallersFaultAndItsOutageIsNot() {
    ThingService.Answer value =
        service.get(THINGS + "/by-text?sql=not-a-number", ThingService.READER);
    assertThat(value.status()).isEqualTo(400);
    assertThat(value.code()).isEqualTo("invalid_value");
    ThingService.Answer away = service.get(THINGS + "/away", ThingService.READER);
    assertThat(away.status()).isEqualTo(503);
    assertThat(away.headers().firstValue("Retry-After")).isPresent();
    assertThat(away.text()).doesNotContain("db.internal");
  }

  @Test
  void ownFaultShowsAnIncidentAndNothingElse() {
    ThingService.Answer answer = service.post(THINGS + "/failing", "{\"count\":1}");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).contains("inc_").doesNotContain("secret inner words");
  }

  @Test
  void answersCarryRequestIdAndSecurityHeaders() {
    ThingService.Answer given =
        service.get(THINGS, ThingService.READER, "X-Request-Id", "caller-chose-1");
    assertThat(given.headers().allValues("X-Request-Id")).containsExactly("caller-chose-1");
    ThingService.Answer made =
        service.get(THINGS, ThingService.READER, "X-Request-Id", "no spaces please");
    assertThat(made.headers().firstValue("X-Request-Id").orElseThrow()).startsWith("req_");
    assertThat(made.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(made.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(made.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'");
  }

  private static String get(String address) throws IOException {
    return raw(
        "GET "
            + address
            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
            + ThingService.READER
            + "\r\n\r\n");
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket("localhost", service.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
