package io.tributary.access;

import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import io.tributary.web.Cursor;
import io.tributary.web.Idempotency;
import io.tributary.web.IfMatch;
import io.tributary.web.Page;
import io.tributary.web.PageQuery;
import io.tributary.web.WebConfiguration;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small service with a few endpoints, on a random port with a database of its own. */
final class ThingService implements AutoCloseable {
  static final String WRITER = Secrets.token();
  static final String READER = Secrets.token();
  static final String METRICS = Secrets.token();
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  final TestDatabase database = TestPostgres.freshDatabase();
  private final ServletWebServerApplicationContext context;

  enum Colour {
    RED,
    GREEN
  }

  record Part(@Nullable String label, @Nullable Integer size) {}

  record Thing(
      @Nullable String name,
      int count,
      @Nullable Double ratio,
      @Nullable Colour colour,
      @Nullable Instant at,
      @Nullable List<Part> parts,
      @Nullable Map<String, Object> free,
      @Nullable JsonNode tree) {}

  @RestController
  @RequestMapping("/api/v1/things")
  static class ThingEndpoint {
    final AtomicInteger made = new AtomicInteger();
    volatile CountDownLatch entered = new CountDownLatch(0);
    volatile CountDownLatch proceed = new CountDownLatch(0);
    private final JdbcClient jdbc;

    ThingEndpoint(DataSource dataSource) {
      this.jdbc = JdbcClient.create(dataSource);
    }

    @PostMapping
    @RequiresScope(Scopes.SEGMENTS_WRITE)
    Map<String, Object> make(Caller caller, @RequestBody Thing thing) throws Exception {
      entered.countDown();
      if (!proceed.await(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody let it proceed");
      }
      return Map.of("number", made.incrementAndGet(), "workspace", caller.workspaceId());
    }

    @PostMapping("/failing")
    @RequiresScope(Scopes.SEGMENTS_WRITE)
    Map<String, Object> fail(@RequestBody Thing thing) {
      if (made.incrementAndGet() % 2 == 1) {
        throw new IllegalStateException("secret inner words");
      }
      return Map.of("ok", true);
    }

    @PostMapping("/secret")
    @RequiresScope(Scopes.SEGMENTS_WRITE)
    Map<String, Object> secret(HttpServletRequest request) {
      Idempotency.answerIsSecret(request);
      return Map.of("secret", "s3cr3t");
    }

    @GetMapping
    @RequiresScope(Scopes.SEGMENTS_READ)
    Page<Integer> list(PageQuery page) {
      int after = page.after("things", 1).map(c -> (int) c.number(0)).orElse(0);
      List<Integer> rows =
          IntStream.rangeClosed(after + 1, 120).limit(page.fetchSize()).boxed().toList();
      return Page.of(rows, page, last -> Cursor.of("things", last));
    }

    @GetMapping("/{id}")
    @RequiresScope(Scopes.SEGMENTS_READ)
    Map<String, Object> one(@PathVariable UUID id, @RequestParam int depth) {
      return Map.of("id", id, "depth", depth);
    }

    @PutMapping("/{id}")
    @RequiresScope(Scopes.SEGMENTS_WRITE)
    Map<String, Object> change(@PathVariable String id, IfMatch ifMatch) {
      ifMatch.require(7);
      return Map.of("id", id);
    }

    @GetMapping("/by-text")
    @RequiresScope(Scopes.SEGMENTS_READ)
    Map<String, Object> byText(@RequestParam String sql) {
      return Map.of(
          "value", jdbc.sql("select :v::int").param("v", sql).query(Integer.class).single());
    }

    @GetMapping("/away")
    @RequiresScope(Scopes.SEGMENTS_READ)
    Map<String, Object> away() {
      throw new DataAccessResourceFailureException("host db.internal is down");
    }
  }

  @SpringBootConfiguration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = {KafkaAutoConfiguration.class, FlywayAutoConfiguration.class})
  @Import({WebConfiguration.class, AccessConfiguration.class})
  static class TestService {
    @Bean
    Clock clock() {
      return Clock.systemUTC();
    }

    @Bean
    ThingEndpoint things(DataSource dataSource) {
      return new ThingEndpoint(dataSource);
    }

    @Bean
    Idempotency idempotency(DataSource dataSource, Clock clock) {
      return new Idempotency(dataSource, "things", clock);
    }
  }

  record Answer(int status, HttpHeaders headers, String text) {
    JsonNode json() {
      return JSON.readTree(text);
    }

    String code() {
      return json().at("/code").asString();
    }

    List<String> paths() {
      return json().at("/errors").findValuesAsString("path");
    }
  }

  ThingService(Class<?>... more) {
    context = run(more);
  }

  private ServletWebServerApplicationContext run(Class<?>... more) {
    return (ServletWebServerApplicationContext)
        new SpringApplicationBuilder(TestService.class)
            .sources(more)
            .properties(
                "spring.config.import=classpath:web-defaults.yml",
                "server.port=0",
                "spring.datasource.url=" + database.url(),
                "spring.datasource.username=" + database.user(),
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.maximum-pool-size=10",
                "spring.datasource.hikari.connection-timeout=1000",
                "springdoc.api-docs.enabled=false")
            .run();
  }

  /** Creates what the service reads and writes; until then it answers 503. */
  ThingService withSchemas() {
    Flyway.configure()
        .dataSource(database.dataSource())
        .schemas("things")
        .locations("classpath:db/web")
        .load()
        .migrate();
    JdbcClient jdbc = JdbcClient.create(database.dataSource());
    jdbc.sql("create schema access").update();
    jdbc.sql(
            """
            create table access.v_token (
              token_hash bytea primary key, workspace_id text, token_id text, scopes text[],
              expires_at timestamptz, revoked_at timestamptz)
            """)
        .update();
    token(WRITER, "ws_1", "{segments:read,segments:write}");
    token(READER, "ws_1", "{segments:read}");
    token(METRICS, "ws_1", "{metrics:read}");
    return this;
  }

  void token(String secret, String workspaceId, String scopes) {
    JdbcClient.create(database.dataSource())
        .sql("insert into access.v_token values (?, ?, ?, ?::text[], null, null)")
        .params(Secrets.hash(secret), workspaceId, "tok_" + secret.substring(4, 12), scopes)
        .update();
  }

  ThingEndpoint things() {
    return context.getBean(ThingEndpoint.class);
  }

  int port() {
    return Objects.requireNonNull(context.getWebServer()).getPort();
  }

  Answer get(String path, String token, String... headers) {
    return send("GET", path, token, new byte[0], headers);
  }

  Answer post(String path, String body, String... headers) {
    return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  Answer post(String path, byte[] body, String... headers) {
    return send("POST", path, WRITER, body, headers);
  }

  Answer send(String method, String path, String token, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .setHeader("Content-Type", "application/json");
    if (!token.isEmpty()) {
      request.setHeader("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    try {
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
