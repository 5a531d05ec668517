package io.tributary.campaign.send;

import io.tributary.campaign.store.RestoreStore;
import io.tributary.campaign.store.RestoreStore.Logged;
import io.tributary.campaign.store.RestoreStore.Restore;
import io.tributary.event.Json;
import io.tributary.event.Topics;
import io.tributary.stream.InputRecord;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.PositionToken;
import io.tributary.stream.Progress;
import io.tributary.stream.WholeTopic;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Keeps sends back after a restore of the database. First, what was sent and suppressed since the
 * backup is read from the topics, to their ends. Then sends wait until the stream has been read
 * again: all that was accepted before the restore has passed, erasures have been carried out again,
 * and windows that ran out meanwhile have been acted upon.
 */
public final class AfterRestore {
  private static final Logger LOG = LoggerFactory.getLogger(AfterRestore.class);
  private static final int PIECE = 5_000;
  private final RestoreStore store;
  private final KafkaClients clients;
  private final TransactionTemplate transaction;
  private final Clock clock;
  private boolean released;
  private @Nullable Instant crossed;
  private @Nullable Ends ends;

  /** Where the last topics ended when the stages before had said everything. */
  private record Ends(
      Progress segments, PositionToken crossings, Progress events, PositionToken changes) {
    boolean passed() {
      return segments.passed(crossings) && events.passed(changes);
    }
  }

  /** Reads the topics with these clients. */
  public AfterRestore(
      RestoreStore store, KafkaClients clients, TransactionTemplate transaction, Clock clock) {
    this.store = store;
    this.clients = clients;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** Whether anything may be sent; does what is still missing. */
  public synchronized boolean isDone() {
    if (released) {
      return true;
    }
    Optional<Restore> latest = store.latest();
    released = latest.isEmpty() || latest.get().released() || advance(latest.get());
    return released;
  }

  private boolean advance(Restore restore) {
    if (!restore.settled()) {
      settle(restore);
    }
    if (!passed(restore)) {
      return false;
    }
    return Boolean.TRUE.equals(
        transaction.execute(status -> {
          if (!store.hold()) {
            return false;
          }
          Instant now = clock.instant();
          int given = restore.logLost() ? store.giveUpOlder(restore.at(), now) : 0;
          store.released(restore.lineage(), now);
          LOG.info("restore lineage={} sends=released uncertain={}", restore.lineage(), given);
          return true;
        }));
  }

  private boolean passed(Restore restore) {
    PositionToken before =
        PositionToken.parse(restore.replayTo())
            .orElseThrow(() -> new IllegalStateException("a lineage has no readable position"));
    if (ends == null) {
      if (!Progress.upTo(clients, "segment").passed(before)
          || !store.privacyIsDone(restore.lineage())) {
        return false;
      }
      if (crossed == null) {
        crossed = store.crossedAt(restore.at()).orElse(null);
      }
      if (crossed == null || !store.crossingsAreAppended(crossed)) {
        return false;
      }
      Progress segments = hop("campaign", Topics.SEGMENT_CHANGES);
      Progress events = hop("campaign-events", Topics.PROFILE_CHANGES);
      ends = new Ends(segments, segments.now(), events, events.now());
    }
    return ends.passed();
  }

  private Progress hop(String group, String topic) {
    return new Progress(clients, List.of(new Progress.Hop(group, topic)));
  }

  /**
   * Takes over what the topics hold, piece by piece: each piece can be repeated, so that neither a
   * crash nor another instance that does the same matters, and no transaction waits for Kafka.
   */
  void settle(Restore restore) {
    int sends = takeSends();
    int suppressions = takeSuppressions();
    transaction.executeWithoutResult(status -> store.settled(restore.lineage(), clock.instant()));
    LOG.info(
        "restore lineage={} sends_taken_over={} suppressions={}",
        restore.lineage(),
        sends,
        suppressions);
  }

  private int takeSends() {
    Map<String, Logged> last = new HashMap<>();
    int[] taken = {0};
    WholeTopic.read(
        clients,
        Topics.CAMPAIGN_SENDS,
        record -> {
          Logged send = send(record);
          last.merge(send.deliveryId(), send, (a, b) -> a.attempt() > b.attempt() ? a : b);
          if (last.size() >= PIECE) {
            taken[0] += take(last);
          }
        });
    return taken[0] + take(last);
  }

  private int take(Map<String, Logged> sends) {
    List<Logged> piece = List.copyOf(sends.values());
    sends.clear();
    return Objects.requireNonNull(
        transaction.execute(status -> store.takeSends(piece, clock.instant())));
  }

  private static Logged send(InputRecord record) {
    JsonNode json = Json.MAPPER.readTree(record.value());
    return new Logged(
        json.path("workspaceId").asString(),
        json.path("deliveryId").asString(),
        json.path("campaignId").asString(),
        json.path("attempt").asInt(),
        json.path("triggerKey").asString(""),
        UUID.fromString(json.path("profileId").asString("00000000-0000-0000-0000-000000000000")),
        json.path("addressHash").asString(null),
        Instant.parse(json.path("at").asString()));
  }

  private int takeSuppressions() {
    List<JsonNode> added = new ArrayList<>();
    Set<String> lifted = new HashSet<>();
    WholeTopic.read(
        clients,
        Topics.CAMPAIGN_SUPPRESSIONS,
        record -> {
          JsonNode json = Json.MAPPER.readTree(record.value());
          if (json.has("lifted")) {
            lifted.add(json.path("id").asString());
          } else {
            added.add(json);
          }
        });
    added.removeIf(one -> lifted.contains(one.path("id").asString()));
    transaction.executeWithoutResult(status -> {
      store.lift(lifted);
      added.forEach(this::suppress);
    });
    return added.size();
  }

  private void suppress(JsonNode added) {
    store.suppress(
        added.path("id").asString(),
        added.path("workspaceId").asString(),
        added.path("channel").asString(),
        RestoreStore.hash(added.path("hash").asString()),
        added.path("reason").asString(),
        Instant.parse(added.path("at").asString()));
  }
}
