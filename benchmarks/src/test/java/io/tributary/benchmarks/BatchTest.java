package io.tributary.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BatchTest {
  private static final Instant NOW = Instant.parse("2026-11-24T08:00:00.123Z");

  @Test
  void everyEventIsOneThatTheCollectorAccepts() {
    Batch batch = Batch.mixed("", 100, 1);
    batch.next(Load.anyOf(1_000), NOW.toString());

    assertThat(judged(batch, Call.BATCH))
        .hasSize(100)
        .allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Verdict.Accepted.class));
  }

  @Test
  void aSingleEventFitsItsPath() {
    Batch batch = Batch.single("", 1);
    batch.next(Load.anyOf(1_000), NOW.toString());

    assertThat(judged(batch, Call.of(EventType.TRACK)).getFirst())
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void noMessageIdComesTwice() {
    Set<String> ids = new HashSet<>();
    List<Batch> lanes = List.of(Batch.mixed("", 50, 1), Batch.mixed("", 50, 2));
    for (int i = 0; i < 10; i++) {
      for (Batch batch : lanes) {
        batch.next(Load.anyOf(10), NOW.toString());
        events(batch).forEach(event -> ids.add(event.path("messageId").asString()));
      }
    }

    assertThat(ids).hasSize(1_000);
  }

  @Test
  void anEventIsAboutOnePersonThroughout() {
    Batch batch = Batch.people("", 3, 1);
    batch.next(Load.each(), NOW.toString());

    List<JsonNode> events = events(batch);
    assertThat(events)
        .extracting(event -> event.path("userId").asString())
        .containsExactly("person-0000000", "person-0000001", "person-0000002");
    assertThat(events.get(2).path("anonymousId").asString()).isEqualTo("device-0000002");
    assertThat(events.get(2).path("traits").path("email").asString())
        .isEqualTo("person-0000002@example.org");
    assertThat(events.get(2).path("timestamp").asString()).isEqualTo(NOW.toString());
  }

  @Test
  void anEventHasAboutSixHundredBytes() {
    assertThat(Batch.mixed("", 100, 0).bodyBytes() / 100).isBetween(550, 650);
  }

  private static List<Verdict> judged(Batch batch, Call call) {
    Source source = new Source("ws_1", "src_1", false);
    Receipt receipt = new Receipt(NOW, "127.0.0.1", () -> "made");
    return ((Reading.Legible) CollectRequest.read(batch.body(), call))
        .request()
        .judge(source, receipt);
  }

  private static List<JsonNode> events(Batch batch) {
    List<JsonNode> events = new ArrayList<>();
    Target.JSON.readTree(batch.body()).path("batch").forEach(events::add);
    return events;
  }
}
