package io.tributary.standalone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** What the doctor asks of a running instance. */
final class ServerChecks {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private ServerChecks() {}

  static List<Finding> all(Options options, Connection running) {
    List<Finding> findings = new ArrayList<>();
    findings.add(kafka(running));
    findings.add(postgres(options, running));
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      findings.add(
          answers(
              client,
              "Collector",
              running.collectorUrl() + "/v1/projects/" + running.writeKey() + "/settings"));
      // Refused without a token, which is an answer, and one that costs nothing.
      findings.add(answers(client, "API", running.apiUrl() + "/api/v1/status"));
      findings.addAll(PipelineChecks.all(client, running));
    }
    return findings;
  }

  private static Finding kafka(Connection running) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            running.kafka(),
            "request.timeout.ms",
            (int) PATIENCE.toMillis(),
            "default.api.timeout.ms",
            (int) PATIENCE.toMillis());
    try (Admin admin = Admin.create(settings)) {
      admin.describeCluster().clusterId().get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
      return Finding.well("Kafka", "answers on " + running.kafka());
    } catch (ExecutionException | TimeoutException e) {
      return Finding.wrong(
          "Kafka",
          "doesn't answer on " + running.kafka(),
          "restart it (embedded: ./tributary stop, then start)");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("Interrupted.");
    }
  }

  private static Finding postgres(Options options, Connection running) {
    try {
      Path password = options.data().resolve("postgres/password");
      DriverManager.setLoginTimeout((int) PATIENCE.toSeconds());
      String secret =
          options
              .variable(Backing.DATABASE_PASSWORD)
              .orElse(Files.exists(password) ? Files.readString(password).strip() : "");
      String user = options.variable(Backing.DATABASE_USER).orElse("tributary");
      DriverManager.getConnection(running.databaseUrl(), user, secret).close();
      return Finding.well("Postgres", "answers on " + running.databaseUrl());
    } catch (SQLException | IOException e) {
      return Finding.wrong(
          "Postgres",
          "doesn't answer on " + running.databaseUrl() + " (" + e.getMessage() + ")",
          "look at " + options.data().resolve("postgres/postgres.log"));
    }
  }

  private static Finding answers(HttpClient client, String subject, String url) {
    try {
      HttpResponse<Void> response =
          client.send(
              HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.discarding());
      return response.statusCode() < 500
          ? Finding.well(subject, "answers on " + URI.create(url).getAuthority())
          : Finding.wrong(
              subject, "answers with status " + response.statusCode(), "look at the log");
    } catch (IOException e) {
      return Finding.wrong(subject, "doesn't answer on " + url, "look at the log, or restart");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("Interrupted.");
    }
  }
}
