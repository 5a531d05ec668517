package io.tributary.standalone;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lag and quarantine, as the API's status page reports them. */
final class PipelineChecks {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private PipelineChecks() {}

  static List<Finding> all(HttpClient client, Connection running) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(running.apiUrl() + "/api/v1/status"))
            .header("authorization", "Bearer " + running.apiToken())
            .timeout(PATIENCE)
            .build();
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 200
          ? findings(JSON.readTree(response.body()))
          : List.of(
              Finding.wrong(
                  "Pipeline",
                  "the status page answers " + response.statusCode(),
                  "look at the log"));
    } catch (IOException | JacksonException e) {
      return List.of(
          Finding.wrong(
              "Pipeline", "the status page can't be read", "look at the log, or restart"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("Interrupted.");
    }
  }

  /**
   * The status page names what is wrong and the cure itself; here it only takes the doctor's form.
   */
  static List<Finding> findings(JsonNode status) {
    List<Finding> findings = new ArrayList<>();
    Set<String> codes = new HashSet<>();
    for (JsonNode problem : status.path("problems")) {
      codes.add(problem.path("code").asString(""));
      findings.add(
          Finding.wrong(
              "Pipeline", sentence(problem.path("message")), sentence(problem.path("whatToDo"))));
    }
    if (!codes.contains("stage_behind")) {
      long lag = 0;
      for (JsonNode stage : status.path("stages")) {
        lag += stage.path("lag").asLong(0);
      }
      findings.add(Finding.well("Lag", lag + " records wait in all stages"));
    }
    if (!codes.contains("quarantine_not_empty")) {
      findings.add(Finding.well("Quarantine", "empty"));
    }
    return List.copyOf(findings);
  }

  private static String sentence(JsonNode text) {
    String whole = text.asString("");
    return whole.endsWith(".") ? whole.substring(0, whole.length() - 1) : whole;
  }
}
