package io.tributary.ingestion.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.CollectedEvent;
import io.tributary.event.EventDraft;
import io.tributary.event.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** Short ways to say what a request holds and what is expected of it. */
final class AcceptCases {
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final Source WEB = new Source("ws_1", "src_web", true);
  static final Source SERVER = new Source("ws_1", "src_server", false);

  private AcceptCases() {}

  static List<Verdict> judge(byte[] body, Call call, Source source) {
    AtomicInteger ids = new AtomicInteger();
    Receipt receipt = new Receipt(NOW, "203.0.113.9", () -> "made-" + ids.incrementAndGet());
    return legible(body, call).judge(source, receipt);
  }

  static CollectRequest legible(byte[] body, Call call) {
    Reading reading = CollectRequest.read(body, call);
    assertThat(reading).isInstanceOf(Reading.Legible.class);
    return ((Reading.Legible) reading).request();
  }

  static Reading.Illegible illegible(byte[] body, Call call) {
    Reading reading = CollectRequest.read(body, call);
    assertThat(reading).isInstanceOf(Reading.Illegible.class);
    return (Reading.Illegible) reading;
  }

  static List<Verdict> batch(String json) {
    return judge(json(json), Call.BATCH, SERVER);
  }

  /** The only event of a batch, as it goes to the log. */
  static JsonNode accepted(String item) {
    return stored(batch("{'batch':[" + item + "]}").getFirst());
  }

  static JsonNode stored(Verdict verdict) {
    return Json.MAPPER.readTree(draft(verdict).encode());
  }

  static EventDraft draft(Verdict verdict) {
    assertThat(verdict)
        .as(() -> verdict instanceof Verdict.Rejected r ? r.reasons().toString() : "")
        .isInstanceOf(Verdict.Accepted.class);
    EventDraft draft = ((Verdict.Accepted) verdict).draft();
    // What is accepted must be readable by the next stage.
    CollectedEvent.decode(draft.encode());
    return draft;
  }

  static Verdict.Rejected refused(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    return (Verdict.Rejected) verdict;
  }

  /** Code and path of each reason of the only event of a batch. */
  static List<String> reasons(String item) {
    return reasons(batch("{'batch':[" + item + "]}").getFirst());
  }

  static List<String> reasons(Verdict verdict) {
    return refused(verdict).reasons().stream().map(r -> r.code() + " " + r.path()).toList();
  }

  /** JSON with apostrophes for quotes. */
  static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }
}
