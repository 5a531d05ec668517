package io.tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tributary.testing.TestAuthority;
import io.tributary.testing.TestAuthority.Issued;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStore;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** The gateway's own port with TLS, in front of services that speak TLS. */
class GatewayTlsTest {
  @TempDir Path directory;

  @Test
  void theAuthoritiesOfTheServicesAreFollowedWithoutARestart() throws Exception {
    TestAuthority ours = new TestAuthority(Files.createDirectory(directory.resolve("ours")));
    TestAuthority others = new TestAuthority(Files.createDirectory(directory.resolve("others")));
    Issued server = ours.issue("server", "dns:localhost");
    Path trusted = Files.copy(others.certificate(), directory.resolve("trusted.pem"));
    HttpsServer service =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setHttpsConfigurator(new HttpsConfigurator(context(server, ours)));
    service.createContext(
        "/",
        exchange -> {
          byte[] body = "[]".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    service.start();
    String address = "https://localhost:" + service.getAddress().getPort();
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--TRIBUTARY_GATEWAY_PORT=0",
                "--TRIBUTARY_TLS_HTTP=true",
                "--TRIBUTARY_TLS_CERTIFICATE=" + server.certificate(),
                "--TRIBUTARY_TLS_KEY=" + server.key(),
                "--TRIBUTARY_TLS_CA=" + trusted,
                "--TRIBUTARY_TLS_QUIET_PERIOD=100ms"));
    for (String name : List.of("ingestion", "identity", "profile", "segment", "campaign")) {
      settings.add("--tributary.gateway." + name + "=" + address);
    }
    try (ServletWebServerApplicationContext gateway =
            (ServletWebServerApplicationContext)
                GatewayApplication.application().run(settings.toArray(String[]::new));
        HttpClient client = HttpClient.newBuilder().sslContext(context(server, ours)).build()) {
      URI sources =
          URI.create(
              "https://localhost:"
                  + Objects.requireNonNull(gateway.getWebServer()).getPort()
                  + "/api/v1/sources");
      HttpResponse<String> answer = get(client, sources);
      assertThat(answer.statusCode()).as("a service of an unknown authority").isEqualTo(503);
      assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
      URI own =
          URI.create(
              "https://localhost:"
                  + gateway.getEnvironment().getRequiredProperty("local.management.port"));
      assertThat(get(client, own.resolve("/actuator/health")).statusCode()).isEqualTo(200);
      // Without a token of its own it shows nobody anything else.
      assertThat(get(client, own.resolve("/actuator/prometheus")).statusCode()).isEqualTo(401);
      Files.copy(ours.certificate(), trusted, StandardCopyOption.REPLACE_EXISTING);
      await().atMost(Duration.ofSeconds(20)).until(() -> get(client, sources).statusCode() == 200);
    } finally {
      service.stop(0);
    }
  }

  private static HttpResponse<String> get(HttpClient client, URI address) throws Exception {
    return client.send(
        HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static SSLContext context(Issued server, TestAuthority trusted) throws Exception {
    PemSslStoreDetails own =
        PemSslStoreDetails.forCertificates(Files.readString(server.certificate()))
            .withPrivateKey(Files.readString(server.key()));
    PemSslStoreDetails authority =
        PemSslStoreDetails.forCertificates(Files.readString(trusted.certificate()));
    return SslBundle.of(new PemSslStoreBundle(PemSslStore.load(own), PemSslStore.load(authority)))
        .createSslContext();
  }
}
