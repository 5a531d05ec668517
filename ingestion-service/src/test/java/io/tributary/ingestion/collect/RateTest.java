package io.tributary.ingestion.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The collector and the API with a limit per key. */
class RateTest {
  private static final String EVENT = "{'userId':'ada','event':'Seen'}";

  @Test
  void whoSendsTooFastIsToldWhenToComeAgain() {
    Map<String, String> settings = new HashMap<>(TestPostgres.freshDatabase().properties());
    settings.put("TRIBUTARY_COLLECTOR_RATE", "2");
    settings.put("TRIBUTARY_API_RATE", "2");
    try (Running service = new Running(settings, TestKafka.bootstrapServers())) {
      List<HttpResponse<String>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        answers.add(service.post("/v1/track", EVENT));
      }
      HttpResponse<String> refused = refused(answers);
      assertThat(refused.body()).contains("rate_limited");
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");

      List<HttpResponse<String>> read = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        read.add(service.api("GET", "/api/v1/sources", ""));
      }
      HttpResponse<String> problem = refused(read);
      assertThat(problem.body()).contains("too_many_requests");
      assertThat(problem.headers().firstValue("Retry-After")).hasValue("1");
    }
  }

  /** The first are taken, then none is until time has passed. */
  private static HttpResponse<String> refused(List<HttpResponse<String>> answers) {
    assertThat(answers.getFirst().statusCode()).isEqualTo(200);
    assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(200, 429);
    return answers.stream().filter(a -> a.statusCode() == 429).findFirst().orElseThrow();
  }
}
