package io.tributary.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** The management API, as a program of its users sees it. Safe for several threads. */
final class Api {
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final Target target;

  Api(Target target) {
    this.target = target;
  }

  /** The answer, whatever its status. */
  HttpResponse<String> answer(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.BodyPublisher publisher =
        body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target.api() + path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + target.token())
            .header("Content-Type", "application/json")
            .method(method, publisher);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonNode get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  JsonNode send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = answer(method, path, body, headers);
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(
          method + " " + path + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return Target.JSON.readTree(answer.body());
  }
}
