package io.tributary.ingestion.destination;

import static io.tributary.ingestion.collect.Running.answered;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.access.WriteKeys;
import io.tributary.event.EventDraft;
import io.tributary.event.EventType;
import io.tributary.event.Ids;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileId;
import io.tributary.event.RawJson;
import io.tributary.event.SegmentChange;
import io.tributary.event.SegmentChange.Crossing;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.event.Topics;
import io.tributary.ingestion.collect.Running;
import io.tributary.stream.KafkaClients;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** A workspace with people, to whom things happen, and its destinations. */
abstract class Scene {
  static final String PATH = "/api/v1/destinations";
  static final Duration LIMIT = Duration.ofSeconds(60);
  static final Instant NOW = Instant.parse("2026-11-01T10:00:00Z");

  /** The directory with jars of connectors; blank for none. */
  static String connectors = "";

  static StubReceiver receiver;
  static Running service;
  static JdbcClient jdbc;

  /** Another database, which destinations may fill. */
  static TestDatabase tables;

  static Producer<byte[], byte[]> producer;
  static String workspace;
  final Map<ProfileId, Long> changeNumbers = new HashMap<>();

  @BeforeAll
  static void start() {
    receiver = new StubReceiver();
    TestKafka.forgetReaders();
    TestDatabase database = TestPostgres.freshDatabase();
    jdbc = JdbcClient.create(database.dataSource());
    People.stubs(jdbc);
    Map<String, String> settings = new HashMap<>(database.properties());
    settings.put("TRIBUTARY_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef");
    tables = TestPostgres.freshDatabase();
    settings.put(
        "TRIBUTARY_WEBHOOK_ALLOW_PRIVATE",
        receiver.target() + "," + URI.create(tables.url().substring(5)).getAuthority());
    settings.put("TRIBUTARY_CONNECTORS", connectors);
    service = new Running(settings, TestKafka.bootstrapServers());
    workspace = service.part(WriteKeys.class).find(service.serverKey).orElseThrow().workspaceId();
    producer = service.part(KafkaClients.class).producer("stages");
  }

  @AfterAll
  static void stop() {
    producer.close();
    service.close();
    receiver.close();
  }

  /** What profile-service and identity-service would show. */
  static final class People {
    static void stubs(JdbcClient jdbc) {
      for (String sql :
          List.of(
              "create schema profile",
              """
              create table profile.v_profile (workspace_id text, profile_id uuid, canonical_id uuid,
                homes uuid[], traits jsonb, consent jsonb)
              """,
              "create table profile.v_privacy_block (workspace_id text, profile_id uuid, kind text)",
              """
              create table profile.v_privacy_request (workspace_id text, request_id text, kind text,
                profile_id uuid)
              """,
              "create schema identity",
              """
              create table identity.v_identifier (workspace_id text, type text, value text,
                profile_id uuid, valid_from timestamptz)
              """)) {
        jdbc.sql(sql).update();
      }
    }

    static ProfileId create(String traits, String consent) {
      ProfileId id = ProfileId.create();
      jdbc.sql(
              """
              insert into profile.v_profile values (:w, :id, :id, null, :traits::jsonb, :consent::jsonb)
              """)
          .param("w", workspace)
          .param("id", id.uuid())
          .param("traits", traits.replace('\'', '"'))
          .param("consent", consent.replace('\'', '"'))
          .update();
      jdbc.sql("insert into identity.v_identifier values (:w, 'userId', :user, :id, '-infinity')")
          .param("w", workspace)
          .param("user", "user-" + id)
          .param("id", id.uuid())
          .update();
      return id;
    }

    static void change(ProfileId id, String traits) {
      jdbc.sql("update profile.v_profile set traits = :traits::jsonb where profile_id = :id")
          .param("id", id.uuid())
          .param("traits", traits.replace('\'', '"'))
          .update();
    }

    /** Has a profile be part of a person, which has these beside its own. */
    static void link(ProfileId id, ProfileId root, ProfileId... homes) {
      jdbc.sql("update profile.v_profile set canonical_id = :root where profile_id = :id")
          .param("root", root.uuid())
          .param("id", id.uuid())
          .update();
      jdbc.sql("update profile.v_profile set homes = :homes where profile_id = :root")
          .param("root", root.uuid())
          .param("homes", Stream.of(homes).map(ProfileId::uuid).toArray(UUID[]::new))
          .update();
    }

    static void block(ProfileId id, String kind) {
      jdbc.sql("insert into profile.v_privacy_block values (:w, :id, :kind)")
          .param("w", workspace)
          .param("id", id.uuid())
          .param("kind", kind)
          .update();
    }
  }

  static JsonNode call(String method, String path, String body, int status) {
    return answered(service.api(method, PATH + path, body.replace('\'', '"')), status);
  }

  /** What is answered to another definition. */
  static String replaced(String id, String definition, int version) {
    return service
        .api("PUT", PATH + "/" + id, definition, "If-Match", "\"" + version + "\"")
        .body();
  }

  static JsonNode read(String id) {
    return call("GET", "/" + id, "", 200);
  }

  /** Received is what became of it, whatever that is. */
  static JsonNode counted(String id, int received) {
    Awaitility.await("all is counted")
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(read(id).at("/total/received").asInt()).isEqualTo(received));
    JsonNode total = read(id).path("total");
    assertThat(
            Stream.of("filtered", "retrying", "failed", "delivered", "discarded")
                .mapToInt(name -> total.path(name).asInt())
                .sum())
        .as(total.toString())
        .isEqualTo(received);
    return total;
  }

  static void append(String topic, String key, byte[] value) {
    var _ = producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value));
  }

  String event(ProfileId profile, String name, String properties) {
    return event(profile, name, properties, "{}", "src_a");
  }

  String event(
      ProfileId profile, String name, String properties, String integrations, String source) {
    return event(profile, profile, name, properties, integrations, source);
  }

  /** An event that came to another profile than the person's first. */
  String event(ProfileId profile, ProfileId home, String name) {
    return event(profile, home, name, "{}", "{}", "src_a");
  }

  private String event(
      ProfileId profile,
      ProfileId home,
      String name,
      String properties,
      String integrations,
      String source) {
    EventDraft draft =
        new EventDraft(
            workspace,
            source,
            EventType.TRACK,
            Ids.create("m"),
            "user-" + profile,
            null,
            null,
            null,
            name,
            null,
            NOW,
            null,
            null,
            NOW,
            null,
            RawJson.of(properties.replace('\'', '"')),
            null,
            RawJson.of(integrations.replace('\'', '"')),
            Map.of());
    long number = changeNumbers.merge(profile, 1L, Long::sum);
    append(
        Topics.PROFILE_CHANGES,
        profile.toString(),
        new ProfileEvent(profile, home, number, List.of(), draft.collect()).encode());
    return draft.messageId();
  }

  String identify(ProfileId profile) {
    EventDraft draft =
        new EventDraft(
            workspace,
            "src_a",
            EventType.IDENTIFY,
            Ids.create("m"),
            "user-" + profile,
            null,
            null,
            null,
            null,
            null,
            NOW,
            null,
            null,
            NOW,
            RawJson.of("{\"plan\":\"pro\"}"),
            null,
            null,
            null,
            Map.of());
    long number = changeNumbers.merge(profile, 1L, Long::sum);
    append(
        Topics.PROFILE_CHANGES,
        profile.toString(),
        new ProfileEvent(profile, profile, number, List.of("plan"), draft.collect()).encode());
    return draft.messageId();
  }

  static ProfileId somebody() {
    return People.create("{'email': 'jo@example.org', 'plan': 'pro'}", "{'advertising': true}");
  }

  static void crossing(ProfileId profile, String segment) {
    crossing(profile, segment, Crossing.ENTERED, NOW);
  }

  static void crossing(ProfileId profile, String segment, Crossing way, Instant at) {
    append(
        Topics.SEGMENT_CHANGES,
        profile.toString(),
        new SegmentChange(
                Ids.create("chg"), workspace, segment, 1, profile, way, at, Reason.EVENT, "m1")
            .encode());
  }

  static void erase(ProfileId profile) {
    append(
        Topics.PROFILE_CHANGES,
        profile.toString(),
        new ProfileErased(workspace, profile, "prv_" + profile, NOW).encode());
  }
}
