package io.tributary.ingestion.collect;

import static io.tributary.ingestion.collect.Running.basic;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.stream.PositionToken;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The collector over HTTP, with a real log and a real database behind it. */
class CollectorTest {
  private static Running service;
  private static String webKey;

  @BeforeAll
  static void start() {
    TestKafka.forgetReaders();
    service = new Running(TestPostgres.freshDatabase(), TestKafka.bootstrapServers());
    HttpResponse<String> source =
        service.api("POST", "/api/v1/sources", "{\"name\":\"Shop\",\"kind\":\"web\"}");
    assertThat(source.statusCode()).as(source.body()).isEqualTo(201);
    webKey = Json.MAPPER.readTree(source.body()).at("/writeKeys/0/key").asString();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static List<CollectedEvent> stored(String userId) {
    return TestKafka.committed(Topics.INGESTION_EVENTS).stream()
        .map(record -> CollectedEvent.decode(record.value()))
        .filter(event -> userId.equals(event.userId()))
        .toList();
  }

  private static String user() {
    return "u-" + UUID.randomUUID();
  }

  private static HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(service.collector(path));
  }

  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static void assertTaken(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"success\":true}");
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode body = Json.MAPPER.readTree(answer.body());
    assertThat(body.get("success").asBoolean()).isFalse();
    assertThat(body.get("code").asString()).isEqualTo(code);
    assertThat(body.get("message").asString()).isNotBlank();
  }

  @ParameterizedTest
  @CsvSource({
    "track,TRACK", "t,TRACK", "identify,IDENTIFY", "i/,IDENTIFY", "page,PAGE", "p,PAGE",
    "screen/,SCREEN", "s,SCREEN", "group,GROUP", "g,GROUP", "alias,ALIAS", "a,ALIAS"
  })
  void singleCallsTakeTheirTypeFromThePath(String path, EventType type) {
    String user = user();
    assertTaken(
        service.post(
            "/v1/" + path, "{'userId':'" + user + "','event':'A','groupId':'g','previousId':'p'}"));
    assertThat(stored(user)).singleElement().extracting(CollectedEvent::type).isEqualTo(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "batch/", "import", "import/", "b"})
  void batchesComeByAllTheirPathsAndSayTheirPosition(String path) {
    String user = user();
    HttpResponse<String> answer =
        service.post(
            "/v1/" + path, "{'batch':[{'type':'page','userId':'" + user + "','name':'N'}]}");
    assertTaken(answer);
    String position = answer.headers().firstValue("X-Tributary-Position").orElseThrow();
    assertThat(PositionToken.parse(position).orElseThrow().offsets()).hasSize(1);
    assertThat(answer.headers().firstValue("Access-Control-Expose-Headers").orElseThrow())
        .contains("X-Tributary-Position");
    assertThat(stored(user)).hasSize(1);
  }

  @Test
  void howManyEventsWereRefusedStandsBesideTheSuccess() {
    HttpResponse<String> none = service.post("/v1/track", "{'userId':'u','event':'A'}");
    assertThat(none.headers().firstValue("X-Tributary-Refused")).isEmpty();
    assertThat(none.body()).isEqualTo("{\"success\":true}");
    HttpResponse<String> two =
        service.post(
            "/v1/batch", "{'batch':[{'type':'page'},{'type':'x'},{'type':'page','userId':'u'}]}");
    assertThat(two.statusCode()).isEqualTo(200);
    assertThat(two.headers().firstValue("X-Tributary-Refused")).contains("2");
    assertThat(two.body()).isEqualTo("{\"success\":true,\"refused\":2}");
    assertThat(two.headers().firstValue("Access-Control-Expose-Headers").orElseThrow())
        .contains("X-Tributary-Refused");
  }

  @Test
  void whoAsksIsToldWhatBecameOfEachEvent() {
    HttpResponse<String> answer =
        service.send(
            to("/v1/batch")
                .header("Authorization", basic(service.serverKey + ":"))
                .header("X-Tributary-Verdicts", "true")
                .POST(
                    BodyPublishers.ofString(
                        """
                        {"batch":[{"type":"page","messageId":"m1"},
                                  {"type":"page","userId":"u","messageId":"m2"},
                                  {"type":"track","userId":"u","timestamp":"soon"}]}
                        """)));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body().replace('"', '\''))
        .startsWith(
            "{'success':true,'refused':2,'verdicts':[{'messageId':'m1','outcome':'refused',"
                + "'reasons':[{'code':'no_user_anon_id','path':'userId','message':'")
        .contains("{'messageId':'m2','outcome':'accepted'}")
        .contains("{'messageId':null,'outcome':'refused','reasons':[{'code':'required'")
        .contains("{'code':'invalid_time','path':'timestamp'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"})
  void theContentTypeDoesNotMatter(String type) {
    String user = user();
    assertTaken(
        service.send(
            to("/v1/t")
                .header("Content-Type", type)
                .POST(
                    BodyPublishers.ofByteArray(
                        json(
                            "{'writeKey':'"
                                + webKey
                                + "','event':'A','userId':'"
                                + user
                                + "'}")))));
    assertThat(stored(user)).hasSize(1);
  }

  @Test
  void theKeyIsFoundWhereverSdksPutIt() {
    String user = user();
    String event = "{'type':'track','event':'A','userId':'" + user + "'";
    byte[] plain = json("{'batch':[" + event + "}]}");
    byte[] keyed = json("{'batch':[" + event + "}],'writeKey':'" + webKey + "'}");
    byte[] inEvent = json("{'batch':[" + event + ",'writeKey':'" + webKey + "'}]}");
    assertTaken(
        service.send(
            to("/v1/batch")
                .header("Authorization", basic(webKey + ":"))
                .POST(BodyPublishers.ofByteArray(plain))));
    assertTaken(
        service.send(
            to("/v1/batch")
                .header("Authorization", basic(webKey))
                .POST(BodyPublishers.ofByteArray(plain))));
    assertTaken(
        service.send(
            to("/v1/batch")
                .header("Authorization", "Bearer x.y.z")
                .POST(BodyPublishers.ofByteArray(keyed))));
    assertTaken(service.send(to("/v1/import/").POST(BodyPublishers.ofByteArray(keyed))));
    assertTaken(service.send(to("/v1/b").POST(BodyPublishers.ofByteArray(inEvent))));
    assertThat(stored(user)).hasSize(5);
  }

  @Test
  void anUnknownKeyIsRefused() {
    String strange = "k".repeat(32);
    byte[] event = json("{'event':'A','userId':'u'}");
    assertRefused(
        service.send(
            to("/v1/t")
                .header("Authorization", basic(strange + ":"))
                .POST(BodyPublishers.ofByteArray(event))),
        401,
        "unknown_write_key");
    assertRefused(
        service.send(to("/v1/t").POST(BodyPublishers.ofByteArray(event))),
        401,
        "unknown_write_key");
    assertRefused(
        service.send(to("/v1/batch").POST(BodyPublishers.ofString("{\"batch\":[]}"))),
        401,
        "unknown_write_key");
    assertRefused(
        service.send(
            to("/v1/batch")
                .POST(
                    BodyPublishers.ofByteArray(
                        json(
                            "{'batch':[{'writeKey':'"
                                + webKey
                                + "','type':'page','userId':'u'},{'writeKey':'"
                                + strange
                                + "'}]}")))),
        401,
        "unknown_write_key");
  }

  @Test
  void browsersGetTheirAddressNotedAndServersDoNot() {
    String user = user();
    String event = "{'batch':[{'type':'page','userId':'" + user + "'}],'writeKey':'";
    service.send(to("/v1/b").POST(BodyPublishers.ofByteArray(json(event + webKey + "'}"))));
    service.send(
        to("/v1/b").POST(BodyPublishers.ofByteArray(json(event + service.serverKey + "'}"))));
    assertThat(stored(user))
        .extracting(e -> e.context() == null ? "none" : e.context().toString())
        .containsExactlyInAnyOrder("{\"ip\":\"127.0.0.1\"}", "none");
  }

  @Test
  void gzipIsInflated() throws IOException {
    String user = user();
    assertTaken(
        service.send(
            to("/v1/batch")
                .header("Content-Encoding", "gzip")
                .header("Authorization", basic(webKey + ":"))
                .POST(
                    BodyPublishers.ofByteArray(
                        gzip(json("{'batch':[{'type':'page','userId':'" + user + "'}]}"))))));
    assertThat(stored(user)).hasSize(1);
  }

  @Test
  void bombsAndBrokenBodiesAreRefused() throws IOException {
    HttpRequest.Builder gzipped =
        to("/v1/batch")
            .header("Content-Encoding", "gzip")
            .header("Authorization", basic(webKey + ":"));
    String many = "{\"batch\":[" + "{\"type\":\"page\",\"userId\":\"u\"},".repeat(200_000);
    byte[] noise = new byte[3_000_000];
    new java.util.Random(7).nextBytes(noise);
    String large = "{\"x\":\"" + Base64.getEncoder().encodeToString(noise) + "\"}";
    assertRefused(
        service.send(gzipped.POST(BodyPublishers.ofByteArray(gzip(new byte[200_000_000])))),
        413,
        "compressed_too_tightly");
    assertRefused(
        service.send(
            gzipped.POST(
                BodyPublishers.ofByteArray(
                    gzip(large.repeat(2).getBytes(StandardCharsets.UTF_8))))),
        413,
        "body_too_large");
    assertThat(
            service
                .send(
                    gzipped.POST(
                        BodyPublishers.ofByteArray(gzip(many.getBytes(StandardCharsets.UTF_8)))))
                .statusCode())
        .isEqualTo(413);
    assertRefused(
        service.send(gzipped.POST(BodyPublishers.ofString("not gzip"))), 400, "invalid_gzip");
    byte[] whole = gzip(json("{'batch':[]}"));
    assertRefused(
        service.send(gzipped.POST(BodyPublishers.ofByteArray(whole, 0, whole.length - 9))),
        400,
        "invalid_gzip");
    assertRefused(service.post("/v1/batch", many), 413, "body_too_large");
    assertRefused(service.post("/v1/batch", "{'batch':["), 400, "invalid_json");
    assertRefused(service.post("/v1/batch", ""), 400, "not_an_object");
    assertRefused(
        service.send(
            to("/v1/batch")
                .header("Content-Encoding", "br")
                .header("Authorization", basic(webKey + ":"))
                .POST(BodyPublishers.ofString("x"))),
        415,
        "unsupported_encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorization,x-retry-count", "authorization, baggage, content-type"})
  void preflightsAllowWhateverHeadersAreAskedFor(String headers) {
    HttpResponse<String> answer =
        service.send(
            to("/v1/t")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", headers)
                .method("OPTIONS", BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Headers")).hasValue(headers);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Methods"))
        .hasValue("POST, GET, OPTIONS");
    assertThat(answer.headers().firstValue("Access-Control-Max-Age")).hasValue("86400");
  }

  @Test
  void theMetricsOfTheSdkAreWelcomeAndOtherMethodsAreNot() {
    assertTaken(service.send(to("/v1/m").POST(BodyPublishers.ofString("{\"series\":[]}"))));
    assertRefused(service.send(to("/v1/batch").GET()), 405, "method_not_allowed");
    assertRefused(
        service.send(to("/v1/t").method("PUT", BodyPublishers.ofString("{}"))),
        405,
        "method_not_allowed");
    assertThat(service.send(to("/v1/t").method("HEAD", BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
    assertRefused(
        service.send(to("/v1/nothing").POST(BodyPublishers.ofString("{}"))), 404, "not_found");
  }

  @Test
  void thePixelTakesAnEventAndAlwaysGivesAPicture() {
    String user = user();
    String data =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                json("{'writeKey':'" + webKey + "','userId':'" + user + "','event':'Opened?>'}"));
    String parameters =
        "writeKey=" + webKey + "&userId=" + user + "&event=B&properties.subject=Gr%C3%BC%C3%9Fe";
    for (String query :
        List.of("?data=" + data, "?" + parameters, "?data=%%%", "?data=x", "", "?writeKey=no")) {
      HttpResponse<String> answer = raw("/v1/pixel/track" + query);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("image/gif");
      assertThat(answer.body()).startsWith("GIF89a");
    }
    assertThat(stored(user))
        .extracting(CollectedEvent::event)
        .containsExactlyInAnyOrder("Opened?>", "B");
    assertThat(stored(user))
        .filteredOn(e -> "B".equals(e.event()))
        .singleElement()
        .extracting(e -> String.valueOf(e.properties()))
        .isEqualTo("{\"subject\":\"Grüße\"}");
  }

  /** The JDK's client refuses addresses that are not quite right; browsers send them. */
  private static HttpResponse<String> raw(String pathAndQuery) {
    String safe = pathAndQuery.replace("%%%", URLEncoder.encode("%%%", StandardCharsets.UTF_8));
    URI uri = service.collector(safe);
    return service.send(HttpRequest.newBuilder(uri).GET());
  }

  @Test
  void theSettingsTellTheBrowserSdkToPostHere() {
    HttpResponse<String> answer = service.send(to("/v1/projects/" + webKey + "/settings").GET());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    JsonNode settings = Json.MAPPER.readTree(answer.body());
    assertThat(settings.get("integrations").propertyNames()).containsExactly("Segment.io");
    assertThat(settings.at("/integrations/Segment.io/apiKey").asString()).isEqualTo(webKey);
    assertThat(settings.at("/integrations/Segment.io/apiHost").asString())
        .isEqualTo(service.collector("/").getAuthority() + "/v1");
    assertThat(settings.at("/integrations/Segment.io/protocol").asString()).isEqualTo("http");
    assertRefused(
        service.send(to("/v1/projects/" + "x".repeat(32) + "/settings").GET()),
        404,
        "unknown_write_key");
  }

  @Test
  void eachPortServesItsOwn() {
    assertTaken(service.send(to("/health").GET()));
    assertThat(service.send(to("/api/v1/sources").GET()).statusCode()).isEqualTo(404);
    assertThat(service.send(to("/actuator/health").GET()).statusCode()).isEqualTo(404);
    HttpResponse<String> inside =
        service.send(
            HttpRequest.newBuilder(service.internal("/v1/t"))
                .header("Authorization", basic(webKey + ":"))
                .POST(BodyPublishers.ofString("{}")));
    assertThat(inside.statusCode()).isEqualTo(404);
    assertThat(
            service
                .send(HttpRequest.newBuilder(service.internal("/actuator/health")).GET())
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void theApiDescribesItself() {
    HttpResponse<String> answer = service.api("GET", "/v3/api-docs", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    JsonNode paths = Json.MAPPER.readTree(answer.body()).get("paths");
    assertThat(paths.propertyNames())
        .contains(
            "/api/v1/quarantine", "/api/v1/quarantine/{id}", "/api/v1/quarantine/{id}/replay");
    assertThat(paths.get("/api/v1/quarantine").at("/get/x-scope").asString())
        .isEqualTo("quarantine:read");
  }

  @Test
  void tooManyBytesInFlightEndIn429WithWholeSeconds() {
    try (InFlight.Share share = part().share()) {
      assertThat(share.take(8 * 1024 * 1024 - 10)).isTrue();
      HttpResponse<String> answer =
          service.post(
              "/v1/t",
              "{'event':'A','userId':'u','properties':{'x':'" + "y".repeat(100_000) + "'}}");
      assertRefused(answer, 429, "too_busy");
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
    }
    assertTaken(service.post("/v1/t", "{'event':'A','userId':'u'}"));
    assertThat(part().used()).isZero();
  }

  private static InFlight part() {
    return service.part(CollectorServlet.class).inFlight();
  }
}
