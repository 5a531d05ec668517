package io.tributary.profile.privacy;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.stream.Ledger;
import io.tributary.stream.PositionToken;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Appends what protects a person to {@code privacy.requests} before it is answered, so that a
 * restored database learns of it.
 */
public final class PrivacyLog implements AutoCloseable {
  private final Ledger ledger;
  private final Supplier<PositionToken> accepted;

  /**
   * A log that closes the producer with itself.
   *
   * @param accepted the end of what was accepted by now
   */
  public PrivacyLog(Producer<byte[], byte[]> producer, Supplier<PositionToken> accepted) {
    this.ledger = new Ledger(producer, Topics.PRIVACY_REQUESTS);
    this.accepted = accepted;
  }

  /**
   * A request as the topic has it.
   *
   * @param names sums of the identifiers that the person had, with this salt: in another life of
   *     the database the person may have another id
   * @param position what was accepted before the request
   */
  public record Entry(
      String workspaceId,
      String requestId,
      PrivacyRequest.Kind kind,
      ProfileId profileId,
      List<ProfileId> homes,
      String salt,
      List<String> names,
      String tokenId,
      Instant at,
      PositionToken position) {
    /** Copies the lists. */
    public Entry {
      homes = List.copyOf(homes);
      names = List.copyOf(names);
    }

    static Entry decode(byte[] value) {
      JsonNode json = Json.MAPPER.readTree(value);
      return new Entry(
          json.path("workspaceId").asString(),
          json.path("requestId").asString(),
          PrivacyRequest.Kind.parse(json.path("kind").asString()),
          ProfileId.parse(json.path("profileId").asString()),
          json.path("homes").valueStream().map(home -> ProfileId.parse(home.asString())).toList(),
          json.path("salt").asString(),
          json.path("names").valueStream().map(JsonNode::asString).toList(),
          json.path("tokenId").asString(),
          Instant.parse(json.path("at").asString()),
          PositionToken.parse(json.path("position").asString()).orElseThrow());
    }

    private byte[] encode() {
      ObjectNode json = Json.MAPPER.createObjectNode();
      json.put("workspaceId", workspaceId).put("requestId", requestId).put("kind", kind.wire());
      json.put("profileId", profileId.toString());
      ArrayNode ids = json.putArray("homes");
      homes.forEach(home -> ids.add(home.toString()));
      json.put("salt", salt);
      ArrayNode sums = json.putArray("names");
      names.forEach(sums::add);
      json.put("tokenId", tokenId).put("at", at.toString()).put("position", position.format());
      return Json.MAPPER.writeValueAsBytes(json);
    }
  }

  /** The end of what was accepted by now. */
  PositionToken accepted() {
    try {
      return accepted.get();
    } catch (KafkaException e) {
      throw new Ledger.NotLogged(Topics.PRIVACY_REQUESTS, e);
    }
  }

  /** Returns once the log has it. */
  void append(Entry entry) {
    ledger.append(entry.workspaceId(), entry.encode());
  }

  @Override
  public void close() {
    ledger.close();
  }
}
