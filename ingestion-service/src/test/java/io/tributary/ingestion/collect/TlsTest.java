package io.tributary.ingestion.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.embedded.KafkaServer;
import io.tributary.embedded.KafkaSettings;
import io.tributary.embedded.Ports;
import io.tributary.embedded.PostgresServer;
import io.tributary.embedded.PostgresSettings;
import io.tributary.event.Json;
import io.tributary.testing.TestAuthority;
import io.tributary.testing.TestAuthority.Issued;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/** The whole service with TLS on all sides: its two ports, Kafka and Postgres. */
class TlsTest {
  @TempDir static Path directory;

  @TempDir static Path servers;

  private static TestAuthority authority;
  private static Path certificate;
  private static Path key;
  private static Path home;
  private static PostgresServer postgres;
  private static KafkaServer kafka;
  private static Running service;
  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    authority = new TestAuthority(directory);
    Issued server = authority.issue("server", "dns:localhost,ip:127.0.0.1");
    certificate = Files.copy(server.certificate(), directory.resolve("serving.pem"));
    key = Files.copy(server.key(), directory.resolve("serving-key.pem"));
    int kafkaPort = Ports.free();
    kafka =
        KafkaServer.start(
            KafkaSettings.in(servers.resolve("kafka"), 0, () -> {})
                .with(new KafkaSettings.Tls(kafkaPort, kafka(server))));
    Path binaries =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "tributary-test-" + System.getProperty("user.name"));
    // Everybody may pass through it: where we are root, Postgres runs as another user.
    home = Files.createTempDirectory("tributary-tls");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    postgres = PostgresServer.start(PostgresSettings.forTests(home.resolve("postgres"), binaries));
    postgres(server);
    Map<String, String> settings = new HashMap<>();
    settings.put("TRIBUTARY_DATABASE_URL", postgres.jdbcUrl());
    settings.put("TRIBUTARY_DATABASE_USER", postgres.user());
    settings.put("TRIBUTARY_DATABASE_PASSWORD", postgres.password());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef");
    settings.put(
        "TRIBUTARY_WEBHOOK_ALLOW_PRIVATE",
        "localhost:" + port() + ",127.0.0.1:" + port() + ",127.1:" + port());
    settings.put("TRIBUTARY_TLS_HTTP", "true");
    settings.put("TRIBUTARY_TLS_CERTIFICATE", certificate.toString());
    settings.put("TRIBUTARY_TLS_KEY", key.toString());
    settings.put("TRIBUTARY_TLS_CA", authority.certificate().toString());
    settings.put("TRIBUTARY_TLS_KAFKA", "true");
    settings.put("TRIBUTARY_TLS_DATABASE", "verify-full");
    settings.put("TRIBUTARY_TLS_QUIET_PERIOD", "100ms");
    service = new Running(settings, "127.0.0.1:" + kafkaPort);
    client = client();
  }

  @AfterAll
  static void stop() throws IOException {
    client.close();
    service.close();
    kafka.close();
    postgres.close();
    FileSystemUtils.deleteRecursively(home);
  }

  @Test
  void anEventGoesThroughAllOfItAndNothingIsPlain() throws Exception {
    HttpResponse<String> answer = collect();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-Tributary-Position")).isPresent();
    HttpResponse<String> sources = client.send(sources(), HttpResponse.BodyHandlers.ofString());
    assertThat(sources.statusCode()).isEqualTo(200);
    assertThat(sources.headers().firstValue("Strict-Transport-Security")).isPresent();
    assertThat(plainConnectionsToPostgres()).isZero();
    assertThat(plain(service.collector("/").getPort())).doesNotContain("200");
    assertThat(plain(service.internal("/").getPort())).doesNotContain("200");
  }

  @Test
  void whoDoesNotKnowTheAuthorityIsNotTalkedInto() {
    try (HttpClient stranger = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> stranger.send(sources(), HttpResponse.BodyHandlers.discarding()))
          .isInstanceOf(SSLHandshakeException.class);
    }
    assertThatThrownBy(() ->
            DriverManager.getConnection(
                    postgres.jdbcUrl().replace("127.0.0.1", "127.0.0.2")
                        + "?sslmode=verify-full&sslrootcert="
                        + authority.certificate(),
                    postgres.user(),
                    postgres.password())
                .close())
        .as("another name than the certificate's")
        .isInstanceOf(java.sql.SQLException.class);
  }

  @Test
  void aNewCertificateServesWithoutARestartOrAFailedRequest() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Issued next = authority.issue("next", "dns:localhost,ip:127.0.0.1");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> collected =
          threads.submit(() -> {
            int requests = 0;
            while (!done.get()) {
              assertThat(collect().statusCode()).isEqualTo(200);
              requests++;
            }
            return requests;
          });
      assertThat(seen(service.collector("/"))).isEqualTo("CN=server");
      try {
        Files.copy(next.key(), key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(next.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(() -> {
              assertThat(seen(service.collector("/"))).isEqualTo("CN=next");
              assertThat(seen(service.internal("/"))).isEqualTo("CN=next");
            });
      } finally {
        done.set(true); // or the thread would go on for ever
      }
      assertThat(collected.get()).isPositive();
    }
  }

  @Test
  void aDestinationsPostgresMustShowACertificateThatIsKnown() throws Exception {
    String ca = Files.readString(authority.certificate()).strip();
    assertThat(tables("localhost", ca)).contains("\"outcome\":\"delivered\"");
    assertThat(tables("127.0.0.1", ca)).contains("\"outcome\":\"delivered\"");
    assertThat(tables("127.1", ca)).as("another name").contains("tls_failed");
    assertThat(tables("localhost", null)).as("nobody's authority").contains("tls_failed");
    assertThat(plainConnectionsToPostgres()).isZero();
  }

  /** What a test of such a destination answers. */
  private static String tables(String host, @Nullable String ca) throws Exception {
    ObjectNode body = Json.MAPPER.createObjectNode().put("name", "To " + host + (ca == null));
    body.put("kind", "postgres").putArray("sends").add("events");
    ObjectNode tables = body.putObject("postgres").put("host", host).put("port", port());
    tables
        .put("database", "tributary")
        .put("schema", (ca == null ? "tls_" : "tls_ca_") + host.replace('.', '_'));
    tables.put("user", postgres.user()).put("password", postgres.password());
    if (ca != null) {
      tables.put("ca", ca);
    }
    String made = api("/api/v1/destinations", body.toString());
    return api(
        "/api/v1/destinations/" + Json.MAPPER.readTree(made).path("id").asString() + "/test", "{}");
  }

  private static String api(String path, String body) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(secure(service.internal(path)))
                .header("Authorization", "Bearer " + service.token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static int port() {
    return URI.create(postgres.jdbcUrl().substring("jdbc:".length())).getPort();
  }

  private static HttpResponse<String> collect() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(secure(service.collector("/v1/track")))
            .header("Authorization", Running.basic(service.serverKey + ":"))
            .POST(HttpRequest.BodyPublishers.ofString("{\"userId\":\"ada\",\"event\":\"Secured\"}"))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest sources() {
    return HttpRequest.newBuilder(secure(service.internal("/api/v1/sources")))
        .header("Authorization", "Bearer " + service.token)
        .build();
  }

  /** Who a new connection finds. */
  private static String seen(URI address) throws Exception {
    try (var socket =
        (javax.net.ssl.SSLSocket)
            trusting().getSocketFactory().createSocket("127.0.0.1", address.getPort())) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }

  private static URI secure(URI address) {
    return URI.create(address.toString().replace("http:", "https:"));
  }

  /** What a port says to somebody who speaks no TLS. */
  private static String plain(int port) throws IOException {
    try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "GET /health HTTP/1.0\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return new String(
          socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
  }

  private static long plainConnectionsToPostgres() throws Exception {
    try (Connection connection = postgres.superuser("tributary");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select count(*) from pg_stat_activity a join pg_stat_ssl s using (pid)
                where a.usename = 'tributary' and not s.ssl
                """)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static HttpClient client() throws Exception {
    return HttpClient.newBuilder().sslContext(trusting()).build();
  }

  private static SSLContext trusting() throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (var in = Files.newInputStream(authority.certificate())) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static Map<String, String> kafka(Issued server) throws IOException {
    Path both = directory.resolve("kafka.pem");
    Files.writeString(
        both, Files.readString(server.key()) + Files.readString(server.certificate()));
    return Map.of("ssl.keystore.type", "PEM", "ssl.keystore.location", both.toString());
  }

  /** Written by Postgres itself, so that the files belong to its user. */
  private static void postgres(Issued server) throws Exception {
    try (Connection connection = postgres.superuser("postgres");
        Statement statement = connection.createStatement()) {
      for (Path file : new Path[] {server.key(), server.certificate()}) {
        String name = file.equals(server.key()) ? "server.key" : "server.crt";
        statement.execute(
            "copy (select line from regexp_split_to_table('"
                + Files.readString(file).strip().replace("\r", "")
                + "', '\\n') as line) to program 'cat > "
                + name
                + " && chmod 600 "
                + name
                + "'");
      }
      statement.execute("alter system set ssl = on");
      statement.execute("select pg_reload_conf()");
    }
    await().until(() -> shows("ssl").equals("on"));
  }

  private static String shows(String setting) throws Exception {
    try (Connection connection = postgres.superuser("postgres");
        PreparedStatement statement = connection.prepareStatement("select current_setting(?)")) {
      statement.setString(1, setting);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
