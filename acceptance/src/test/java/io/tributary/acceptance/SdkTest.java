package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.segment.analytics.Analytics;
import com.segment.analytics.Callback;
import com.segment.analytics.messages.AliasMessage;
import com.segment.analytics.messages.GroupMessage;
import com.segment.analytics.messages.IdentifyMessage;
import com.segment.analytics.messages.Message;
import com.segment.analytics.messages.PageMessage;
import com.segment.analytics.messages.ScreenMessage;
import com.segment.analytics.messages.TrackMessage;
import io.tributary.demo.Api;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Segment's own SDKs, unmodified, pointed at the collector:
 *
 * <ol>
 *   <li>every kind of call arrives as that kind of event, at the right profile;
 *   <li>a collector that answers 503 and 429 for a while loses nothing and doubles nothing;
 *   <li>gzip bodies are read; leaving a page sends what was held back.
 * </ol>
 */
@ParameterizedClass
@EnumSource(Shape.class)
class SdkTest {
  private static final Path SDKS = Commands.ROOT.resolve("acceptance/sdk");
  private final Running product;
  private final Api api;
  private final String run = Long.toString(System.nanoTime(), 36);

  SdkTest(Shape shape) {
    product = shape.product();
    api = product.api();
  }

  @AfterParameterizedClassInvocation
  static void logsHoldNothingPersonal(Shape shape) {
    assertThat(shape.product().personalDataInLogs()).isEmpty();
  }

  @Test
  void theNodeSdkDeliversEveryKindOfCall() throws Exception {
    JsonNode seen = node("node.mjs", product.collectorUrl(), product.writeKey(), run);
    assertThat(seen.path("errors")).isEmpty();

    String profile = profile("userId:node-user-" + run);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(types(profile))
                .containsExactlyInAnyOrder(
                    "page", "identify", "track", "screen", "group", "alias", "track"));
    JsonNode known = api.get("/api/v1/profiles/" + profile);
    assertThat(known.at("/traits/plan").asString()).isEqualTo("gold");
    assertThat(known.at("/traits/age").asInt()).isEqualTo(33);
    assertThat(profile("email:node." + run + "@example.org")).isEqualTo(profile);
    assertThat(profile("anonymousId:node-old-" + run)).isEqualTo(profile);
  }

  @Test
  void theNodeSdkRetriesThrough503And429AndNothingIsLostOrDoubled() throws Exception {
    try (FlakyFront front = new FlakyFront(product.collectorUrl(), 503, 429, 503)) {
      JsonNode seen = node("node.mjs", front.url(), product.writeKey(), run);
      assertThat(seen.path("errors")).isEmpty();
      assertThat(front.refused()).isEqualTo(3);
    }
    String profile = profile("userId:node-user-" + run);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(types(profile)).hasSize(7));
  }

  @Test
  void theBrowserSdkDeliversFromARealPageAndWhenThePageIsLeft() throws Exception {
    JsonNode seen = node("browser.mjs", product.collectorUrl(), webKey(), run, Chromium.path());
    assertThat(seen.path("problems")).isEmpty();

    String profile = profile("userId:web-user-" + run);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(types(profile))
                .containsExactlyInAnyOrder(
                    "page", "track", "identify", "track", "screen", "group", "alias"));
    assertThat(profile("anonymousId:" + seen.path("anonymousId").asString())).isEqualTo(profile);
    String left = profile("anonymousId:" + seen.path("leavingId").asString());
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(types(left)).containsExactly("track", "track"));
    JsonNode event = api.get("/api/v1/profiles/" + profile + "/events?type=page").at("/data/0");
    assertThat(event.at("/event/context/campaign/name").asString()).isEqualTo("spring");
    assertThat(event.at("/event/context/ip").asString())
        .as("the browser's own address, whichever localhost it found")
        .isIn("127.0.0.1", "0:0:0:0:0:0:0:1");
  }

  @Test
  void theJavaSdkDeliversEveryKindOfCallAlsoCompressed() throws Exception {
    for (boolean compressed : new boolean[] {false, true}) {
      String user = "java-" + compressed + "-" + run;
      AtomicInteger delivered = new AtomicInteger();
      List<String> failures = new ArrayList<>();
      Analytics analytics = analytics(product.collectorUrl(), compressed, delivered, failures);
      enqueueAll(analytics, user);
      analytics.flush();
      await().atMost(Duration.ofSeconds(30)).until(() -> delivered.get() + failures.size() >= 6);
      analytics.shutdown();

      assertThat(failures).isEmpty();
      String profile = profile("userId:" + user);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() ->
              assertThat(types(profile))
                  .containsExactlyInAnyOrder(
                      "track", "identify", "page", "screen", "group", "alias"));
      JsonNode event = api.get("/api/v1/profiles/" + profile + "/events?type=track").at("/data/0");
      assertThat(event.at("/event/context/library/name").asString()).isEqualTo("analytics-java");
    }
  }

  @Test
  void theJavaSdkRetriesThrough503() throws Exception {
    AtomicInteger delivered = new AtomicInteger();
    List<String> failures = new ArrayList<>();
    String user = "java-retry-" + run;
    try (FlakyFront front = new FlakyFront(product.collectorUrl(), 503)) {
      Analytics analytics = analytics(front.url(), false, delivered, failures);
      enqueueAll(analytics, user);
      analytics.flush();
      // Its first back-off is up to 15 s by itself.
      await().atMost(Duration.ofSeconds(90)).until(() -> delivered.get() + failures.size() >= 6);
      analytics.shutdown();
      assertThat(front.refused()).isEqualTo(1);
    }
    assertThat(failures).isEmpty();
    String profile = profile("userId:" + user);
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(types(profile)).hasSize(6));
  }

  private void enqueueAll(Analytics analytics, String user) {
    analytics.enqueue(
        TrackMessage.builder("Order Completed").userId(user).properties(Map.of("revenue", 3)));
    analytics.enqueue(IdentifyMessage.builder().userId(user).traits(Map.of("plan", "pro")));
    analytics.enqueue(PageMessage.builder("Home").userId(user));
    analytics.enqueue(ScreenMessage.builder("Cart").userId(user));
    analytics.enqueue(
        GroupMessage.builder("company-" + run).userId(user).traits(Map.of("name", "x")));
    analytics.enqueue(AliasMessage.builder("old-" + user).userId(user));
  }

  private Analytics analytics(
      String host, boolean compressed, AtomicInteger delivered, List<String> failures) {
    OkHttpClient.Builder http = new OkHttpClient.Builder();
    if (compressed) {
      http.addInterceptor(chain -> {
        RequestBody plain = chain.request().body();
        return chain.proceed(
            chain
                .request()
                .newBuilder()
                .header("Content-Encoding", "gzip")
                .method(chain.request().method(), plain == null ? null : gzip(plain))
                .build());
      });
    }
    return Analytics.builder(product.writeKey())
        .endpoint(host)
        .client(http.build())
        .flushInterval(1, TimeUnit.HOURS)
        .callback(
            new Callback() {
              @Override
              public void success(Message message) {
                delivered.incrementAndGet();
              }

              @Override
              public void failure(Message message, Throwable cause) {
                failures.add(String.valueOf(cause));
              }
            })
        .build();
  }

  private static RequestBody gzip(RequestBody plain) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return plain.contentType();
      }

      @Override
      public void writeTo(BufferedSink sink) throws java.io.IOException {
        okio.Buffer buffer = new okio.Buffer();
        plain.writeTo(buffer);
        try (GZIPOutputStream out = new GZIPOutputStream(sink.outputStream())) {
          out.write(buffer.readByteArray());
        }
      }
    };
  }

  private JsonNode node(String script, String... arguments) throws Exception {
    Sdks.install(SDKS);
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    Commands.Result result =
        Commands.run(SDKS, Duration.ofMinutes(2), Map.of(), command).expectSuccess();
    return Api.MAPPER.readTree(result.output().strip().lines().toList().getLast());
  }

  /** The write key of a source of kind web: its events get the browser's address. */
  private String webKey() throws Exception {
    ObjectNode body = Api.MAPPER.createObjectNode().put("name", "Shop " + run).put("kind", "web");
    return api.post("/api/v1/sources", body).at("/writeKeys/0/key").asString();
  }

  /** Waits for a profile with the identifier and returns its id. */
  private String profile(String identifier) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Profiles.find(api, identifier), found -> !found.isEmpty());
  }

  private List<String> types(String profile) throws Exception {
    List<String> types = new ArrayList<>();
    api.pages(
        "/api/v1/profiles/" + profile + "/events",
        event -> types.add(event.path("type").asString("")));
    return types;
  }

  /** The packages of the Node and browser SDKs, fetched from the registry once. */
  static final class Sdks {
    private Sdks() {}

    static synchronized void install(Path directory) {
      if (!Files.exists(directory.resolve("node_modules/.package-lock.json"))) {
        Commands.run(
                directory,
                Duration.ofMinutes(5),
                Map.of(),
                List.of("npm", "ci", "--no-audit", "--no-fund"))
            .expectSuccess();
      }
    }
  }
}
