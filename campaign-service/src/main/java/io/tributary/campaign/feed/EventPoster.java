package io.tributary.campaign.feed;

import io.tributary.campaign.store.OutboundStore;
import io.tributary.campaign.store.OutboundStore.Known;
import io.tributary.campaign.store.OutboundStore.Outbound;
import io.tributary.campaign.store.ProfileReader;
import io.tributary.campaign.store.ProfileReader.Person;
import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.tls.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Posts engagement to the collector until it's answered with 200. Each event always has the same
 * message id, so posting it again changes nothing.
 */
public final class EventPoster implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventPoster.class);
  private static final int BATCH = 100;
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private final OutboundStore store;
  private final ProfileReader profiles;
  private final URI collector;
  private final Clock clock;
  private final HttpClient client;

  /** A poster to this collector. */
  public EventPoster(
      OutboundStore store,
      ProfileReader profiles,
      String collectorUrl,
      SslBundles bundles,
      Clock clock) {
    this.store = store;
    this.profiles = profiles;
    this.collector = URI.create(collectorUrl.replaceAll("/+$", "") + "/v1/batch");
    this.client =
        Tls.client(bundles, List.of(collector))
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(3))
            .build();
    this.clock = clock;
  }

  /** Posts what is due; answers whether there may be more. */
  public boolean post() {
    Instant now = clock.instant();
    List<Outbound> due = store.lease(now, now.plus(LEASE), BATCH);
    Map<String, List<Outbound>> byWorkspace =
        due.stream()
            .collect(
                Collectors.groupingBy(Outbound::workspaceId, TreeMap::new, Collectors.toList()));
    byWorkspace.forEach(this::post);
    return due.size() == BATCH;
  }

  private void post(String workspace, List<Outbound> events) {
    Map<UUID, Person> people =
        profiles.people(workspace, events.stream().map(Outbound::profileId).distinct().toList());
    List<Outbound> wanted = new ArrayList<>();
    List<Long> forgotten = new ArrayList<>();
    for (Outbound event : events) {
      // Without an address or a profile the person was erased, and must not come to life again.
      if (event.address() == null || !people.containsKey(event.profileId())) {
        forgotten.add(event.id());
      } else {
        wanted.add(event);
      }
    }
    if (!forgotten.isEmpty()) {
      store.delete(forgotten);
    }
    if (!wanted.isEmpty()) {
      deliver(workspace, wanted, store.identifiers(workspace, people));
    }
  }

  private void deliver(String workspace, List<Outbound> events, Map<UUID, Known> known) {
    List<Long> ids = events.stream().map(Outbound::id).toList();
    String writeKey = events.getFirst().writeKey();
    if (writeKey == null) {
      later(workspace, events, "no_write_key");
      return;
    }
    int status = send(writeKey, body(events, known));
    if (status == 200) {
      store.delete(ids);
    } else if (status == 400 && events.size() == 1) {
      store.refuse(ids, "status_400");
      LOG.error("engagement workspace={} outcome=refused id={}", workspace, ids.getFirst());
    } else if (status == 400) {
      // One of them is at fault; alone, each gets its own answer.
      events.forEach(event -> deliver(workspace, List.of(event), known));
    } else {
      later(workspace, events, status == 0 ? "no_answer" : "status_" + status);
    }
  }

  private void later(String workspace, List<Outbound> events, String reason) {
    int attempts = events.stream().mapToInt(Outbound::attempts).max().orElse(1);
    Duration wait = Duration.ofSeconds(1L << Math.min(attempts - 1, 9));
    Duration bounded = wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    store.later(events.stream().map(Outbound::id).toList(), clock.instant().plus(bounded));
    LOG.warn(
        "engagement workspace={} outcome=later events={} reason={}",
        workspace,
        events.size(),
        reason);
  }

  private int send(String writeKey, byte[] body) {
    String credentials =
        Base64.getEncoder().encodeToString((writeKey + ":").getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(collector)
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Basic " + credentials)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private byte[] body(List<Outbound> events, Map<UUID, Known> known) {
    ObjectNode body = Json.MAPPER.createObjectNode().put("sentAt", clock.instant().toString());
    ArrayNode batch = body.putArray("batch");
    for (Outbound event : events) {
      batch.add(event(event, known.get(event.profileId())));
    }
    return Json.MAPPER.writeValueAsBytes(body);
  }

  /** Identified such that it resolves to the profile that got the message. */
  private static ObjectNode event(Outbound outbound, @Nullable Known known) {
    ObjectNode event =
        Json.MAPPER
            .createObjectNode()
            .put("type", "track")
            .put("messageId", outbound.messageId())
            .put("event", outbound.event())
            .put("timestamp", outbound.at().toString());
    ObjectNode context = event.putObject("context");
    if (outbound.event().equals("Email Sent") || outbound.event().equals("Email Bounced")) {
      // The person did nothing here: it doesn't count for when they were last seen.
      context.put("active", false);
    }
    if (known != null && known.userId() != null) {
      event.put("userId", known.userId());
    } else if (known != null && known.anonymousId() != null) {
      event.put("anonymousId", known.anonymousId());
    } else {
      String profile = new ProfileId(outbound.profileId()).toString();
      event.put("anonymousId", profile);
      context
          .putArray("externalIds")
          .add(
              Json.MAPPER
                  .createObjectNode()
                  .put("id", profile)
                  .put("type", "profile")
                  .put("collection", "users")
                  .put("encoding", "none"));
      context.putObject("traits").put("email", outbound.address());
    }
    event.set("properties", outbound.properties());
    return event;
  }

  @Override
  public void close() {
    client.close();
  }
}
