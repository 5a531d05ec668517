package io.tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.testing.MutableClock;
import io.tributary.web.Problem;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenApiEndpointTest {
  private static final String GOOD = "{\"paths\":{\"/api/v1/%s\":{\"get\":{\"tags\":[\"%s\"]}}}}";
  private final StubService segment = new StubService("segment", 0);
  private final StubService others = new StubService("others", 0);
  private final MutableClock clock = MutableClock.at("2026-11-26T12:00:00Z");
  private final OpenApiEndpoint endpoint =
      new OpenApiEndpoint(
          HttpClient.newHttpClient(),
          new GatewayProperties(
              others.address(),
              others.address(),
              others.address(),
              segment.address(),
              others.address(),
              "",
              Duration.ofSeconds(1),
              Duration.ofSeconds(1)),
          clock);

  @AfterEach
  void stop() {
    segment.close();
    others.close();
  }

  @Test
  void aServiceThatDoesNotAnswerIsToldAsItWasAndNeverLeftOut() {
    others.document = "{}";
    segment.document = "no JSON";
    assertThatThrownBy(endpoint::document)
        .isInstanceOf(Problem.class)
        .hasMessageContaining("not all have answered yet");
    others.document = "no JSON"; // each answered once, and never both at a time
    segment.document = GOOD.formatted("segments/first", "segment");
    assertThat(served()).contains("/api/v1/segments/first");

    segment.document = GOOD.formatted("segments/later", "segment");
    clock.advance(Duration.ofSeconds(4));
    assertThat(served()).as("not asked at once again").contains("/api/v1/segments/first");
    clock.advance(Duration.ofSeconds(1));
    assertThat(served())
        .contains("/api/v1/segments/later")
        .doesNotContain("/api/v1/segments/first");
    others.document = "{}";
    clock.advance(Duration.ofSeconds(5));
    assertThat(served()).contains("/api/v1/segments/later");
    segment.document = GOOD.formatted("segments/latest", "segment");
    clock.advance(Duration.ofSeconds(59));
    assertThat(served()).as("fresh for a minute").contains("/api/v1/segments/later");
    clock.advance(Duration.ofSeconds(1));
    assertThat(served()).contains("/api/v1/segments/latest");
  }

  private String served() {
    return new String(
        Objects.requireNonNull(endpoint.document().getBody()), StandardCharsets.UTF_8);
  }
}
