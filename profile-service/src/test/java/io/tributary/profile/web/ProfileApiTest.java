package io.tributary.profile.web;

import static io.tributary.profile.ProfileFixture.WORKSPACE;
import static io.tributary.profile.ProfileFixture.at;
import static io.tributary.profile.ProfileFixture.identify;
import static io.tributary.profile.ProfileFixture.merge;
import static io.tributary.profile.ProfileFixture.profile;
import static io.tributary.profile.ProfileFixture.record;
import static io.tributary.profile.ProfileFixture.track;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.profile.ProfileInvariants;
import io.tributary.profile.RunningService;
import io.tributary.profile.RunningService.Answer;
import io.tributary.stream.InputRecord;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.PositionToken;
import io.tributary.testing.TestKafka;
import io.tributary.web.Visibility;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ProfileApiTest {
  private static final String PROFILES = "/api/v1/profiles/";
  private static final AtomicInteger NUMBERS = new AtomicInteger(1000);

  @SuppressWarnings("NullAway.Init")
  private static RunningService service;

  @SuppressWarnings("NullAway.Init")
  private static String token;

  private final ProfileId a = profile(NUMBERS.incrementAndGet());
  private final ProfileId b = profile(NUMBERS.incrementAndGet());

  @BeforeAll
  static void start() {
    service = new RunningService();
    token = service.token(WORKSPACE, "*");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void invariants() {
    ProfileInvariants.check(service.store.sql);
  }

  @Test
  void anAbsorbedIdAnswersWithTheCanonicalProfile() {
    service.store.apply(
        identify(a, "p1" + a, 10, "{\"plan\":\"free\",\"n\":12345678901234567890.5}"),
        identify(b, "p2" + b, 20, "{\"plan\":\"pro\"}"),
        merge(b, a, 1));
    service.identifier("email", "x" + b + "@example.org", b);
    Answer answer = service.get(token, PROFILES + b + "?include=provenance");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.at("/id")).isEqualTo(a.toString());
    assertThat(answer.at("/requestedId")).isEqualTo(b.toString());
    assertThat(answer.at("/mergedIds/0")).isEqualTo(b.toString());
    assertThat(answer.at("/traits/plan")).isEqualTo("pro");
    assertThat(answer.text()).contains("12345678901234567890.5");
    assertThat(answer.at("/identifiers/0/type")).isEqualTo("email");
    assertThat(answer.at("/eventCount")).isEqualTo("2");
    assertThat(answer.at("/firstSeen")).isEqualTo(at(10).toString());
    assertThat(answer.at("/provenance/plan/value")).isEqualTo("pro");
    assertThat(answer.at("/provenance/plan/at")).isEqualTo(at(20).toString());
    assertThat(answer.at("/provenance/plan/messageId")).isEqualTo("p2" + b);
  }

  @Test
  void anUnchangedProfileIsNotSentAgain() {
    service.store.apply(track(a, "e1" + a, 10, "Seen"));
    String etag = service.get(token, PROFILES + a).response().headers().firstValue("ETag").get();
    assertThat(service.get(token, PROFILES + a, "If-None-Match", etag).status()).isEqualTo(304);
    service.store.apply(track(a, "e2" + a, 11, "Seen"));
    assertThat(service.get(token, PROFILES + a, "If-None-Match", etag).status()).isEqualTo(200);
  }

  @Test
  void aProfileIsFoundByAnyIdentifierInItsNormalForm() {
    service.store.apply(track(a, "i1" + a, 10, "Seen"), track(b, "i2" + b, 10, "Seen"));
    service.identifier("email", a + "@example.org", a);
    service.identifier("phone", "+4930123456", a);
    service.identifier("external:shop", a + ":7", a);
    for (String query :
        List.of(
            "email:%20" + a.toString().toUpperCase(java.util.Locale.ROOT) + "@Example.ORG",
            "phone:%2B49%2030%20123456",
            "external:shop:" + a + ":7")) {
      Answer answer = service.get(token, "/api/v1/profiles?identifier=" + query);
      assertThat(answer.at("/data/0/id")).as(query).isEqualTo(a.toString());
    }
    Answer nobody = service.get(token, "/api/v1/profiles?identifier=email:nobody@example.org");
    assertThat(nobody.status()).isEqualTo(200);
    assertThat(nobody.json().at("/data").size()).isZero();
    assertThat(service.get(token, "/api/v1/profiles?identifier=nonsense").status()).isEqualTo(400);
  }

  @Test
  void aDeviceNamesWhoHeldItAtThatTime() {
    service.store.apply(track(a, "d1" + a, 10, "Seen"), track(b, "d2" + b, 10, "Seen"));
    String device = "dev" + a;
    service.identifier("anonymousId", device, a);
    service
        .store
        .sql
        .sql(
            """
            insert into identity.v_identifier (workspace_id, type, value, profile_id, valid_from)
            values (?, 'anonymousId', ?, ?, ?::timestamptz)
            """)
        .params(WORKSPACE, device, b.uuid(), at(100).toString())
        .update();
    String path = "/api/v1/profiles?identifier=anonymousId:" + device;
    assertThat(service.get(token, path).at("/data/0/id")).isEqualTo(b.toString());
    assertThat(service.get(token, path + "&at=" + at(99)).at("/data/0/id")).isEqualTo(a.toString());
    Answer identifiers = service.get(token, PROFILES + a + "/identifiers");
    assertThat(identifiers.json().at("/data").size()).isEqualTo(1);
    assertThat(identifiers.json().at("/data/0/validFrom").isNull()).isTrue();
  }

  @Test
  void theTimelinePagesOverAllHomesWithoutGapOrRepetition() {
    List<InputRecord> records = new ArrayList<>();
    for (int i = 0; i < 23; i++) {
      // Several at the same time, in both homes.
      records.add(track(i % 2 == 0 ? a : b, "t%02d%s".formatted(i, a), i / 4, "Seen"));
    }
    records.add(merge(b, a, 1));
    service.store.apply(records.toArray(InputRecord[]::new));
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      Answer page = service.get(token, PROFILES + a + "/events?limit=5" + cursor);
      assertThat(page.status()).isEqualTo(200);
      for (JsonNode event : page.json().at("/data")) {
        seen.add(event.at("/at").asString() + event.at("/messageId").asString());
        assertThat(event.at("/event/event").asString()).isEqualTo("Seen");
      }
      JsonNode next = page.json().at("/nextCursor");
      cursor = next.isString() ? "&cursor=" + next.asString() : "";
    } while (!cursor.isEmpty());
    assertThat(seen).hasSize(23).doesNotHaveDuplicates();
    assertThat(seen).isSortedAccordingTo(java.util.Comparator.reverseOrder());
  }

  @Test
  void theTimelineIsNarrowedByTypeAndName() {
    service.store.apply(
        track(a, "n1" + a, 1, "Seen"),
        track(a, "n2" + a, 2, "Bought"),
        identify(a, "n3" + a, 3, "{}"));
    assertThat(messages("?name=Bought")).containsExactly("n2" + a);
    assertThat(messages("?type=identify")).containsExactly("n3" + a);
    assertThat(service.get(token, PROFILES + a + "/events?type=purchase").status()).isEqualTo(400);
    assertThat(service.get(token, PROFILES + a + "/events?cursor=xx").status()).isEqualTo(400);
  }

  private List<String> messages(String query) {
    List<String> messages = new ArrayList<>();
    service
        .get(token, PROFILES + a + "/events" + query)
        .json()
        .at("/data")
        .forEach(event -> messages.add(event.at("/messageId").asString()));
    return messages;
  }

  @Test
  void anotherWorkspaceAndATokenWithoutTheScopeSeeNothing() {
    service.store.apply(identify(a, "w1" + a, 10, "{\"plan\":\"pro\"}"));
    service.identifier("userId", "u" + a, a);
    String other = service.token("ws_other", "*");
    assertThat(service.get(other, PROFILES + a).status()).isEqualTo(404);
    assertThat(service.get(other, PROFILES + a + "/events").status()).isEqualTo(404);
    assertThat(service.get(other, "/api/v1/events/w1" + a).at("/state")).isEqualTo("unknown");
    assertThat(service.get(other, "/api/v1/profiles").json().at("/data").size()).isZero();
    assertThat(service.get(other, "/api/v1/profiles?identifier=userId:u" + a).text())
        .doesNotContain(a.toString());
    assertThat(
            service
                .post(
                    other,
                    "/api/v1/privacy-requests",
                    "{\"kind\":\"erase\",\"profileId\":\"" + a + "\"}")
                .status())
        .isEqualTo(404);
    String weak = service.token(WORKSPACE, "segments:read");
    assertThat(service.get(weak, PROFILES + a).status()).isEqualTo(403);
    assertThat(service.get(weak, "/api/v1/status").status()).isEqualTo(403);
  }

  @Test
  void profilesAreListedPageByPage() {
    String all = service.token("ws_list", "*");
    List<InputRecord> records = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      records.add(
          io.tributary.profile.ProfileFixture.event(
              "ws_list", profile(10 + i), "track", "l" + i, i, ",\"event\":\"Seen\""));
    }
    service.store.apply(records.toArray(InputRecord[]::new));
    Answer first = service.get(all, "/api/v1/profiles?limit=3");
    Answer second = service.get(all, "/api/v1/profiles?limit=3&cursor=" + first.at("/nextCursor"));
    assertThat(first.at("/data/0/id")).isEqualTo(profile(14).toString());
    assertThat(second.at("/data/1/id")).isEqualTo(profile(10).toString());
    assertThat(second.json().at("/nextCursor").isString()).isFalse();
  }

  @Test
  void aReadWaitsForItsPositionAndSaysWhenItIsNotThereYet() throws Exception {
    service.store.apply(track(a, "q1" + a, 1, "Seen"));
    String path = PROFILES + a + "?wait=0&position=";
    assertThat(service.get(token, path + "rubbish").status()).isEqualTo(400);
    assertThat(service.get(token, PROFILES + a + "?wait=11&position=p1.").status()).isEqualTo(400);
    KafkaClients clients = service.bean(KafkaClients.class);
    clients.ensureTopics();
    String ahead = new PositionToken(Map.of(0, 1_000_000L)).format();
    Answer early = service.get(token, path + ahead);
    assertThat(early.status()).isEqualTo(409);
    assertThat(early.at("/code")).isEqualTo("not_yet_visible");
    clients
        .admin()
        .alterConsumerGroupOffsets(
            "identity",
            Map.of(
                new TopicPartition(Topics.INGESTION_EVENTS, 0), new OffsetAndMetadata(1_000_000L)))
        .all()
        .get();
    assertThat(service.get(token, path.replace("wait=0", "wait=10") + ahead).status())
        .isEqualTo(200);
    assertThat(service.get(token, path + ahead).status()).as("is there already").isEqualTo(200);
    assertThat(service.get(token, PROFILES + a + "?wait=10", Visibility.HEADER, ahead).status())
        .isEqualTo(200);
  }

  @Test
  void theFateOfAnEventIsKnown() {
    service.store.apply(track(a, "f1" + a, 1, "Seen"));
    service
        .store
        .sql
        .sql("insert into identity.v_duplicate values (?, ?, 0, 9, 0, 3)")
        .params(WORKSPACE, "f1" + a)
        .update();
    service
        .store
        .sql
        .sql(
            """
            insert into identity.v_quarantine (id, workspace_id, stage, message_id, reasons)
            values ('qrn_1', ?, 'identity', ?, '[{"code":"no_identifier"}]')
            """)
        .params(WORKSPACE, "f2" + a)
        .update();
    Answer stored = service.get(token, "/api/v1/events/f1" + a);
    assertThat(stored.at("/state")).isEqualTo("stored");
    assertThat(stored.at("/profileId")).isEqualTo(a.toString());
    assertThat(stored.at("/duplicates/0/position")).isEqualTo("9");
    Answer refused = service.get(token, "/api/v1/events/f2" + a);
    assertThat(refused.at("/state")).isEqualTo("quarantined");
    assertThat(refused.at("/quarantine/0/reasons/0/code")).isEqualTo("no_identifier");
    assertThat(service.get(token, "/api/v1/events/never").at("/state")).isEqualTo("unknown");
  }

  @Test
  void whatFollowedFromAnEventIsKnown() {
    service.store.apply(track(a, "f3" + a, 1, "Seen"));
    service.store.apply(track(b, "f4" + b, 1, "Seen"));
    service
        .store
        .sql
        .sql(
            """
            insert into segment.v_crossing (workspace_id, segment_id, profile_id, change, message_id, change_id)
            values (:ws, 'seg_1', :a, 'entered', :message, :change),
                   (:ws, 'seg_2', :b, 'entered', :message, '0-9'),
                   ('ws_other', 'seg_3', :a, 'entered', :message, '0-8')
            """)
        .param("ws", WORKSPACE)
        .param("a", a.uuid())
        .param("b", b.uuid())
        .param("message", "f3" + a)
        .param("change", "7-" + a)
        .update();
    service
        .store
        .sql
        .sql(
            """
            insert into campaign.v_trigger (workspace_id, delivery_id, campaign_id, profile_id, trigger_key)
            values (:ws, 'dlv_1', 'cmp_1', :a, :message), (:ws, 'dlv_2', 'cmp_2', :a, :change),
                   (:ws, 'dlv_3', 'cmp_3', :a, 'another'), ('ws_other', 'dlv_4', 'cmp_4', :a, :message)
            """)
        .param("ws", WORKSPACE)
        .param("a", a.uuid())
        .param("message", "f3" + a)
        .param("change", "7-" + a)
        .update();
    JsonNode fate = service.get(token, "/api/v1/events/f3" + a).json();
    assertThat(fate.path("segments").valueStream().map(s -> s.path("segmentId").asString()))
        .containsExactly("seg_1");
    assertThat(fate.path("deliveries").valueStream().map(d -> d.path("deliveryId").asString()))
        .containsExactly("dlv_1", "dlv_2");
    assertThat(fate.at("/deliveries/0/state").asString()).isEqualTo("sent");
    JsonNode none = service.get(token, "/api/v1/events/f4" + b).json();
    assertThat(none.path("segments")).isEmpty();
    assertThat(none.path("deliveries")).isEmpty();
  }

  @Test
  void whatIdentityServiceSaysBecomesVisibleAndIsSaidOn() throws Exception {
    KafkaClients clients = service.bean(KafkaClients.class);
    clients.ensureTopics();
    InputRecord record = identify(a, "k1" + a, 1, "{\"plan\":\"pro\"}");
    try (var producer = clients.producer("test")) {
      producer
          .send(
              new ProducerRecord<>(
                  Topics.IDENTITY_EVENTS,
                  a.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8),
                  record.value()))
          .get();
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> service.get(token, PROFILES + a).status() == 200);
    assertThat(service.get(token, PROFILES + a).at("/traits/plan")).isEqualTo("pro");
    await().atMost(Duration.ofSeconds(10)).until(() -> !changes(a).isEmpty());
    assertThat(changes(a)).hasSize(1).first().isInstanceOf(ProfileChange.ProfileEvent.class);
  }

  private static List<ProfileChange> changes(ProfileId id) {
    return TestKafka.committed(Topics.PROFILE_CHANGES).stream()
        .map(record -> ProfileChange.decode(record.value()))
        .filter(change -> change.key().equals(id))
        .toList();
  }

  @Test
  void aSuppressionHoldsWhenItIsAnsweredAndThroughAMerge() {
    service.store.apply(track(a, "s1" + a, 1, "Seen"), track(b, "s2" + b, 1, "Seen"));
    service.identifier("email", b + "@example.org", b);
    Answer answer =
        service.post(
            token,
            "/api/v1/privacy-requests",
            "{\"kind\":\"suppress\",\"identifier\":{\"type\":\"email\",\"value\":\""
                + b
                + "@example.org\"}}");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.at("/state")).isEqualTo("done");
    assertThat(blocks(b)).isEqualTo(1);
    assertThat(blocks(a)).isZero();
    service.store.apply(merge(b, a, 1));
    assertThat(blocks(a)).isEqualTo(1);
    service.post(
        token, "/api/v1/privacy-requests", "{\"kind\":\"unsuppress\",\"profileId\":\"" + a + "\"}");
    assertThat(blocks(a) + blocks(b)).isZero();
  }

  private static long blocks(ProfileId id) {
    return service.store.number(
        "select count(*) from profile.v_privacy_block where profile_id = ?", id.uuid());
  }

  @Test
  void anExportHoldsEverythingAndAnErasureLeavesNothing() {
    service.store.apply(
        identify(a, "x1" + a, 1, "{\"email\":\"secret@example.org\"}"),
        track(b, "x2" + b, 2, "Seen"),
        merge(b, a, 1));
    service.identifier("email", a + "@example.org", a);
    service
        .store
        .sql
        .sql("insert into segment.v_membership values (?, ?, 'seg_1')")
        .params(WORKSPACE, a.uuid())
        .update();

    String export = request("export", "done");
    Answer document = service.get(token, "/api/v1/privacy-requests/" + export + "/download");
    assertThat(document.status()).isEqualTo(200);
    assertThat(document.json().at("/events").size()).isEqualTo(2);
    assertThat(document.json().at("/profiles").size()).isEqualTo(2);
    assertThat(document.json().at("/merges").size()).isEqualTo(1);
    assertThat(document.at("/identifiers/0/value")).isEqualTo(a + "@example.org");
    assertThat(document.at("/memberships/0/segment_id")).isEqualTo("seg_1");
    assertThat(document.text()).contains("secret@example.org");

    String erasure = request("erase", "waiting");
    assertThat(service.get(token, PROFILES + a).status()).isEqualTo(410);
    assertThat(service.get(token, PROFILES + b).at("/code")).isEqualTo("profile_erased");
    assertThat(service.get(token, "/api/v1/privacy-requests/" + export + "/download").status())
        .isEqualTo(410);
    assertThat(
            service.store.number(
                "select count(*) from profile.event where profile_id in (?, ?)",
                a.uuid(),
                b.uuid()))
        .isZero();
    assertThat(
            service.store.number(
                "select count(*) from profile.link where profile_id in (?, ?)", a.uuid(), b.uuid()))
        .isZero();
    assertThat(
            service.store.number(
                "select count(*) from profile.claim where traits::text like '%secret@%' or resolved::text like '%secret@%'"))
        .isZero();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            changes(a).stream().anyMatch(ProfileErased.class::isInstance)
                && changes(b).stream().anyMatch(ProfileErased.class::isInstance));
    service.store.apply(track(a, "x3" + a, 3, "Seen"), merge(a, b, 9));
    assertThat(service.get(token, PROFILES + a).status()).isEqualTo(410);

    for (String neighbour : List.of("identity", "segment", "campaign", "ingestion")) {
      service
          .store
          .sql
          .sql("insert into %s.v_privacy_receipt values (?, ?, now())".formatted(neighbour))
          .params(WORKSPACE, erasure)
          .update();
    }
    Answer done = awaitState(erasure, "done");
    assertThat(done.json().at("/services").size()).isEqualTo(5);
    assertThat(blocks(a)).isEqualTo(1);
  }

  private String request(String kind, String state) {
    Answer answer =
        service.post(
            token,
            "/api/v1/privacy-requests",
            "{\"kind\":\"" + kind + "\",\"profileId\":\"" + b + "\"}");
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.at("/profileId")).isEqualTo(a.toString());
    return awaitState(answer.at("/id"), state).at("/id");
  }

  private static Answer awaitState(String id, String state) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> service.get(token, "/api/v1/privacy-requests/" + id),
            answer -> answer.at("/state").equals(state));
  }

  @Test
  void aPrivacyRequestThatMakesNoSenseIsRefusedWithAllReasons() {
    Answer answer = service.post(token, "/api/v1/privacy-requests", "{}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors").size()).isEqualTo(2);
    assertThat(service.post(token, "/api/v1/privacy-requests", "{\"kind\":\"forget\"}").status())
        .isEqualTo(400);
    assertThat(service.post(token, "/api/v1/privacy-requests", "{\"kind\":\"forget\"}").toString())
        .contains("must be one of suppress, unsuppress, export, erase")
        .doesNotContain("io.tributary");
    assertThat(
            service
                .post(
                    token,
                    "/api/v1/privacy-requests",
                    "{\"kind\":\"erase\",\"identifier\":{\"type\":\"email\",\"value\":\"no@x.org\"}}")
                .status())
        .isEqualTo(404);
  }

  @Test
  void theStatusSaysWhatIsInQuarantineAndHowFarEachStageIs() {
    service.store.apply(record("rubbish".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    service.bean(KafkaClients.class).ensureTopics();
    Answer answer = service.get(token, "/api/v1/status");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().at("/stages").size()).isEqualTo(5);
    assertThat(answer.json().at("/totals/applied").asLong())
        .isEqualTo(
            service.store.number(
                "select sum(total) from profile.v_control_total where outcome = 'applied'"));
    assertThat(answer.json().at("/quarantine").has("profile")).isTrue();
  }

  @Test
  void aStageThatNobodyRunsIsATroubleAsSoonAsSomethingWaitsForIt() throws Exception {
    KafkaClients clients = service.bean(KafkaClients.class);
    clients.ensureTopics();
    try (Producer<byte[], byte[]> producer = clients.producer("status-test")) {
      producer.send(new ProducerRecord<>(Topics.SEGMENT_CHANGES, new byte[0])).get();
    }
    JsonNode status = service.get(token, "/api/v1/status").json();
    assertThat(status.at("/healthy").asBoolean()).isFalse();
    assertThat(status.at("/problems").valueStream().map(p -> p.at("/code").asString()))
        .contains("stage_not_running");
    // The sentence names what is most urgent, which depends on what other tests have left.
    assertThat(status.at("/summary").asString()).startsWith("Something needs attention. ");
    assertThat(status.at("/problems").toString()).contains("records wait for stage");
  }

  @Test
  void theApiDescribesItself() {
    JsonNode api = service.get(token, "/v3/api-docs").json();
    assertThat(api.at("/paths").propertyNames())
        .contains(
            "/api/v1/profiles",
            "/api/v1/profiles/{id}",
            "/api/v1/profiles/{id}/events",
            "/api/v1/profiles/{id}/identifiers",
            "/api/v1/events/{messageId}",
            "/api/v1/privacy-requests",
            "/api/v1/privacy-requests/{id}/download",
            "/api/v1/status");
    JsonNode profile = api.at("/components/schemas/Profile/properties");
    assertThat(profile.at("/traits/type").asString()).isEqualTo("object");
    assertThat(profile.at("/id/type").asString()).isEqualTo("string");
  }

  @Test
  void aMonthAheadHasItsPartition() {
    @Nullable String bounds =
        service.store.text(
            """
            select count(*) from pg_inherits where inhparent = 'profile.event'::regclass
            """);
    assertThat(bounds).isEqualTo("5");
  }
}
