package io.tributary.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import io.tributary.access.Secrets;
import io.tributary.campaign.feed.FeedConfiguration;
import io.tributary.event.CollectedEvent;
import io.tributary.event.EventDraft;
import io.tributary.event.EventType;
import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileId;
import io.tributary.event.RawJson;
import io.tributary.event.SegmentChange;
import io.tributary.event.Topics;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestKafka;
import io.tributary.testing.TestPostgres;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import tools.jackson.databind.JsonNode;

/** The service as it's started, between a real Kafka, Postgres and mail server. */
@Timeout(180)
class CampaignServiceTest {
  private static final String WRITER = Secrets.token();
  private static final String READER = Secrets.token();
  private static final String STRANGER = Secrets.token();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final List<JsonNode> POSTED = new CopyOnWriteArrayList<>();
  private static GreenMail mail;
  private static HttpServer collector;
  private static ConfigurableApplicationContext context;
  private static JdbcClient jdbc;
  private static KafkaProducer<byte[], byte[]> producer;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    TestDatabase database = TestPostgres.freshDatabase();
    new ResourceDatabasePopulator(new ClassPathResource("neighbours.sql"))
        .execute(database.dataSource());
    jdbc = JdbcClient.create(database.dataSource());
    token(WRITER, "ws_1", "{*}");
    token(READER, "ws_1", "{campaigns:read}");
    token(STRANGER, "ws_2", "{*}");
    jdbc.sql("insert into access.v_write_key values ('wk', 'ws_1', 'src_t', 'tributary', true)")
        .update();
    mail = new GreenMail(new ServerSetup(0, null, "smtp"));
    mail.start();
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/batch",
        exchange -> {
          JsonNode body = Json.MAPPER.readTree(exchange.getRequestBody().readAllBytes());
          body.path("batch").forEach(POSTED::add);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TestKafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    context = CampaignApplication.application().run(settings(database));
    port =
        Integer.parseInt(
            java.util.Objects.requireNonNull(
                context.getEnvironment().getProperty("local.server.port")));
  }

  private static String[] settings(TestDatabase database) {
    return Stream.concat(
            database.properties().entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue()),
            Stream.of(
                "TRIBUTARY_CAMPAIGN_PORT=0",
                "TRIBUTARY_PARTITIONS=2",
                "TRIBUTARY_KAFKA_BOOTSTRAP=" + TestKafka.bootstrapServers(),
                "TRIBUTARY_ENCRYPTION_KEY=a key for tests, and for nothing else",
                "TRIBUTARY_SMTP_HOST=localhost",
                "TRIBUTARY_SMTP_PORT=" + mail.getSmtp().getPort(),
                "TRIBUTARY_COLLECTOR_URL=http://127.0.0.1:" + collector.getAddress().getPort()))
        .map(setting -> "--" + setting)
        .toArray(String[]::new);
  }

  private static void token(String token, String workspace, String scopes) {
    jdbc.sql(
            "insert into access.v_token values (:hash, :workspace, :id, :scopes::text[], null, null)")
        .param("hash", Secrets.hash(token))
        .param("workspace", workspace)
        .param("id", Ids.create("tok"))
        .param("scopes", scopes)
        .update();
  }

  @AfterAll
  static void stop() {
    context.close();
    producer.close();
    collector.stop(0);
    mail.stop();
  }

  private record Answer(int status, HttpResponse<String> response) {
    JsonNode body() {
      return Json.MAPPER.readTree(response.body());
    }

    String etag() {
      return response.headers().firstValue("ETag").orElseThrow();
    }
  }

  private static Answer call(
      String method, String path, @Nullable String body, String token, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(path.startsWith("http") ? path : "http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .header("Content-Type", "application/json");
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    HttpResponse<String> response =
        HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response);
  }

  private static Answer post(String path, @Nullable String body) throws Exception {
    return call("POST", path, body, WRITER);
  }

  private static String mailCampaign(String trigger) {
    return """
    {"name":"Welcome","trigger":%s,"channel":{"type":"email","from":"Shop <shop@example.com>",
     "subject":"Hi {{ profile.name | default: 'friend' }}","text":"{{ event.properties.total }} {{ unsubscribe_url }}",
     "html":"<a href='https://shop.example.com/?q=1'>{{ profile.name }}</a>"}}
    """
        .formatted(trigger);
  }

  private static String started(String definition) throws Exception {
    Answer created = post("/api/v1/campaigns", definition);
    assertThat(created.status()).as(created.response().body()).isEqualTo(201);
    String id = created.body().get("id").asString();
    assertThat(post("/api/v1/campaigns/" + id + "/start", null).status()).isEqualTo(200);
    return id;
  }

  private static UUID person(String email) {
    UUID id = Ids.uuid();
    jdbc.sql(
            """
            insert into profile.v_profile (workspace_id, profile_id, canonical_id, is_root, traits, consent, homes)
            values ('ws_1', :id, :id, true, jsonb_build_object('name', 'Ada', 'email', :email::text), '{}', array[:id]::uuid[])
            """)
        .param("id", id)
        .param("email", email)
        .update();
    jdbc.sql(
            "insert into identity.v_identifier values ('ws_1', 'userId', :user, :id, '-infinity', 'src', 'm')")
        .param("user", "user-" + email)
        .param("id", id)
        .update();
    return id;
  }

  private static void entered(String segment, UUID person, String changeId) throws Exception {
    entered(segment, person, changeId, SegmentChange.Reason.EVENT);
  }

  private static void entered(
      String segment, UUID person, String changeId, SegmentChange.Reason reason) throws Exception {
    SegmentChange change =
        new SegmentChange(
            changeId,
            "ws_1",
            segment,
            1,
            new ProfileId(person),
            SegmentChange.Crossing.ENTERED,
            Instant.now(),
            reason,
            null);
    producer
        .send(new ProducerRecord<>(Topics.SEGMENT_CHANGES, bytes(person), change.encode()))
        .get();
  }

  private static byte[] bytes(UUID person) {
    return new ProfileId(person).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static List<MimeMessage> mails(String to) {
    return java.util.Arrays.stream(mail.getReceivedMessages())
        .filter(message -> {
          try {
            return message.getAllRecipients()[0].toString().equals(to);
          } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
          }
        })
        .toList();
  }

  private static List<String> posted(String userId) {
    return POSTED.stream()
        .filter(event -> event.path("userId").asString("").equals(userId))
        .map(event -> event.get("event").asString())
        .distinct()
        .toList();
  }

  @Test
  void fromTheSegmentToTheMailToTheUnsubscription() throws Exception {
    String segment = Ids.create("seg");
    String campaign =
        started(mailCampaign("{\"type\":\"segment_entered\",\"segmentId\":\"" + segment + "\"}"));
    UUID ada = person("ada@example.com");
    entered(segment, ada, "0-1");
    entered(segment, ada, "0-1");
    await().atMost(Duration.ofSeconds(60)).until(() -> mails("ada@example.com").size() == 1);
    MimeMessage message = mails("ada@example.com").getFirst();
    assertThat(message.getSubject()).isEqualTo("Hi Ada");
    String text =
        com.icegreen.greenmail.util.GreenMailUtil.getBody(message)
            .replace("=\r\n", "")
            .replace("=3D", "=");
    String here = "http://127.0.0.1:" + port;
    Answer click = call("GET", here + link(text, "/e/c/"), null, "");
    assertThat(click.status()).isEqualTo(302);
    assertThat(click.response().headers().firstValue("Location"))
        .contains("https://shop.example.com/?q=1");
    assertThat(call("GET", here + link(text, "/e/o/"), null, "").status()).isEqualTo(200);
    String unsubscribe =
        here
            + URI.create(message.getHeader("List-Unsubscribe")[0].replaceAll("[<>\\s]", ""))
                .getPath();
    assertThat(call("GET", unsubscribe, null, "").response().body()).contains("<form");
    assertThat(call("GET", "/api/v1/suppressions", null, READER).body().get("data")).isEmpty();
    Answer oneClick = call("POST", unsubscribe, "List-Unsubscribe=One-Click", "");
    assertThat(oneClick.status()).isEqualTo(200);
    assertThat(
            call("GET", "/api/v1/suppressions?address=ADA@example.com", null, READER)
                .body()
                .at("/data/0/reason")
                .asString())
        .isEqualTo("unsubscribed");
    entered(segment, ada, "0-2");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            call("GET", "/api/v1/campaigns/" + campaign + "/results", null, READER)
                    .body()
                    .at("/counts/skipped")
                    .asInt()
                == 1);
    assertThat(mails("ada@example.com")).hasSize(1);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(posted("user-ada@example.com"))
                .containsExactlyInAnyOrder(
                    "Email Sent", "Email Link Clicked", "Email Opened", "Unsubscribed"));
    JsonNode list =
        call("GET", "/api/v1/campaigns/" + campaign + "/deliveries?state=sent", null, READER)
            .body();
    String delivery = list.at("/data/0/id").asString();
    assertThat(
            call("GET", "/api/v1/deliveries/" + delivery, null, READER)
                .body()
                .get("state")
                .asString())
        .isEqualTo("sent");
    assertThat(call("GET", "/api/v1/deliveries/" + delivery, null, STRANGER).status())
        .isEqualTo(404);
    assertThat(TestKafka.committed(Topics.CAMPAIGN_SENDS))
        .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
        .contains(delivery);
  }

  private static String link(String text, String kind) {
    Matcher matcher = Pattern.compile(Pattern.quote(kind) + "[A-Za-z0-9_-]+").matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return matcher.group();
  }

  @Test
  void anEventStartsItsCampaignOnceAndErasureForgets() throws Exception {
    started(
        mailCampaign(
            "{\"type\":\"event\",\"event\":\"Order Completed\",\"where\":[{\"property\":\"total\",\"operator\":\"at_least\",\"value\":50}]}"));
    UUID bob = person("bob@example.com");
    event(bob, "m1", 20);
    event(bob, "m2", 70);
    event(bob, "m2", 70);
    producer
        .send(
            new ProducerRecord<>(
                Topics.PROFILE_CHANGES, bytes(bob), "not json".getBytes(StandardCharsets.UTF_8)))
        .get();
    await().atMost(Duration.ofSeconds(60)).until(() -> mails("bob@example.com").size() == 1);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> posted("user-bob@example.com").contains("Email Sent"));
    producer
        .send(
            new ProducerRecord<>(
                Topics.PROFILE_CHANGES,
                bytes(bob),
                new ProfileChange.ProfileErased("ws_1", new ProfileId(bob), "prq_1", Instant.now())
                    .encode()))
        .get();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            jdbc.sql("select count(*) from campaign.v_privacy_receipt where request_id = 'prq_1'")
                    .query(Integer.class)
                    .single()
                == 1);
    assertThat(
            jdbc.sql(
                    "select count(*) from campaign.delivery d where d::text like '%bob@example.com%' or event is not null and profile_id = :id")
                .param("id", bob)
                .query(Integer.class)
                .single())
        .isZero();
    assertThat(
            jdbc.sql("select count(*) from campaign.v_quarantine where stage = 'campaign'")
                .query(Integer.class)
                .single())
        .isEqualTo(1);
    assertThat(mails("bob@example.com")).hasSize(1);
    assertThat(FeedConfiguration.SEGMENTS).isEqualTo("campaign");
  }

  private static void event(UUID person, String messageId, int total) throws Exception {
    event(person, messageId, total, Map.of());
  }

  private static void event(UUID person, String messageId, int total, Map<String, RawJson> more)
      throws Exception {
    happened(person, messageId, "Order Completed", "{\"total\":" + total + "}", null, more);
  }

  private static void happened(
      UUID person,
      String messageId,
      String name,
      String properties,
      @Nullable RawJson context,
      Map<String, RawJson> more)
      throws Exception {
    Instant now = Instant.now();
    CollectedEvent event =
        new EventDraft(
                "ws_1",
                "src_1",
                EventType.TRACK,
                messageId,
                "u",
                null,
                null,
                null,
                name,
                null,
                now,
                null,
                null,
                now,
                null,
                RawJson.of(properties),
                context,
                null,
                more)
            .collect();
    ProfileId id = new ProfileId(person);
    producer
        .send(
            new ProducerRecord<>(
                Topics.PROFILE_CHANGES,
                bytes(person),
                new ProfileChange.ProfileEvent(id, id, 1, List.of(), event).encode()))
        .get();
  }

  @Test
  void whatAnImportTellsOfLongAgoStartsNothing() throws Exception {
    String segment = Ids.create("seg");
    started(mailCampaign("{\"type\":\"segment_entered\",\"segmentId\":\"" + segment + "\"}"));
    // Of a total that no other campaign here waits for.
    started(
        mailCampaign(
            "{\"type\":\"event\",\"event\":\"Order Completed\",\"where\":[{\"property\":\"total\",\"operator\":\"equals\",\"value\":-7}]}"));
    UUID old = person("old@example.com");
    UUID fresh = person("fresh@example.com");
    event(old, "long-ago", -7, Map.of(CollectedEvent.HISTORICAL, RawJson.of("true")));
    entered(segment, old, "1-1", SegmentChange.Reason.HISTORICAL);
    event(fresh, "now", -7);
    entered(segment, fresh, "1-2");
    await().atMost(Duration.ofSeconds(60)).until(() -> mails("fresh@example.com").size() == 2);
    // What is behind it in the same partitions was looked at, too.
    event(old, "now-too", -7);
    entered(segment, old, "1-3");
    await().atMost(Duration.ofSeconds(60)).until(() -> mails("old@example.com").size() == 2);
    assertThat(
            jdbc.sql("select trigger_key from campaign.delivery where profile_id = :id")
                .param("id", old)
                .query(String.class)
                .list())
        .containsExactlyInAnyOrder("now-too", "1-3");
  }

  @Test
  void whatAMailProviderSaysOfAnAddressIsHeeded() throws Exception {
    Map<String, RawJson> signed = Map.of(CollectedEvent.SIGNED, RawJson.of("true"));
    UUID person = person("somebody@example.com");
    notice(person, "Unsubscribed", "left", "{}", signed);
    notice(person, "Unsubscribed", "forged", "{}", Map.of());
    notice(person, "Email Opened", "opened", "{}", signed);
    notice(person, "Email Bounced", "gone", "{\"bounce_type\":\"permanent\"}", signed);
    notice(person, "Email Bounced", "full", "{\"bounce_type\":\"soft\"}", signed);
    notice(person, "Email Bounced", "unsaid", "{}", signed);
    notice(person, "Email Marked as Spam", "annoyed", "{}", signed);
    String suppressed =
        """
        select address || ' ' || reason from campaign.suppression
        where address like '%@notices.example' order by 1
        """;
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> jdbc.sql(suppressed).query(String.class).list().toString().contains("annoyed"));
    assertThat(jdbc.sql(suppressed).query(String.class).list())
        .containsExactly(
            "annoyed@notices.example complained",
            "gone@notices.example bounced",
            "left@notices.example unsubscribed");
  }

  /** As a mail provider's webhook tells it. */
  private static void notice(
      UUID person, String name, String mailbox, String properties, Map<String, RawJson> more)
      throws Exception {
    String context = "{\"traits\":{\"email\":\"" + mailbox + "@notices.example\"}}";
    happened(person, "notice-" + mailbox, name, properties, RawJson.of(context), more);
  }

  @Test
  void aCampaignSentOnceReachesEveryMemberAndFinishes() throws Exception {
    String segment = Ids.create("seg");
    for (int i = 0; i < 30; i++) {
      jdbc.sql("insert into segment.v_membership values ('ws_1', :segment, :id)")
          .param("segment", segment)
          .param("id", person("m" + i + "@once.example.com"))
          .update();
    }
    String campaign =
        started(mailCampaign("{\"type\":\"once\",\"segmentId\":\"" + segment + "\"}"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            call("GET", "/api/v1/campaigns/" + campaign, null, READER)
                .body()
                .get("state")
                .asString()
                .equals("finished"));
    for (int i = 0; i < 30; i++) {
      assertThat(mails("m" + i + "@once.example.com")).hasSize(1);
    }
  }

  @Test
  void allThatIsWrongIsToldAtOnce() throws Exception {
    Answer answer =
        post(
            "/api/v1/campaigns",
            """
            {"trigger":{"type":"event","event":"Email Sent","where":[{"property":"x","operator":"nope"}]},
             "channel":{"type":"email","from":"a@b.de, c@d.de","subject":"{{ x | nope }}","html":"a\\n{% if %}","url":"x"}}
            """);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("errors").findValuesAsString("path"))
        .contains(
            "name",
            "trigger.event",
            "trigger.where[0].operator",
            "channel.from",
            "channel.subject",
            "channel.html",
            "channel.url");
    assertThat(post("/api/v1/campaigns", "{\"nme\":1}").status()).isEqualTo(400);
    assertThat(post("/api/v1/campaigns", "[").status()).isEqualTo(400);
  }

  @Test
  void aDefinitionIsChangedOnlyByWhoHasReadIt() throws Exception {
    String body = mailCampaign("{\"type\":\"once\",\"segmentId\":\"" + Ids.create("seg") + "\"}");
    Answer created = post("/api/v1/campaigns", body);
    String path = "/api/v1/campaigns/" + created.body().get("id").asString();
    assertThat(call("PUT", path, body, WRITER).status()).isEqualTo(428);
    assertThat(call("PUT", path, body, WRITER, "If-Match", "\"99\"").status()).isEqualTo(412);
    Answer changed = call("PUT", path, body, WRITER, "If-Match", created.etag());
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.etag()).isNotEqualTo(created.etag());
    assertThat(call("PUT", path, body, READER, "If-Match", changed.etag()).status()).isEqualTo(403);
    assertThat(call("GET", path, null, STRANGER).status()).isEqualTo(404);
    assertThat(call("GET", path, null, "").status()).isEqualTo(401);
    assertThat(post(path + "/pause", null).status()).isEqualTo(409);
    Answer test =
        post(path + "/test", "{\"address\":\"try@example.com\",\"traits\":{\"name\":\"Eve\"}}");
    assertThat(test.body().get("accepted").asBoolean()).as(test.response().body()).isTrue();
    assertThat(mails("try@example.com").getFirst().getSubject()).isEqualTo("Hi Eve");
    assertThat(call("DELETE", path, null, WRITER, "If-Match", changed.etag()).status())
        .isEqualTo(204);
    assertThat(call("GET", path, null, READER).status()).isEqualTo(404);
  }

  @Test
  void aWebhooksSecretIsShownOnceAndStoredSealed() throws Exception {
    String body =
        """
        {"name":"Hook","trigger":{"type":"event","event":"Email Sent"},
         "channel":{"type":"webhook","url":"https://example.com/hook","body":"{\\"n\\":\\"{{ profile.name }}\\"}"}}
        """;
    Answer created = post("/api/v1/campaigns", body);
    assertThat(created.body().get("webhookSecret").asString()).startsWith("whsec_");
    String path = "/api/v1/campaigns/" + created.body().get("id").asString();
    assertThat(call("GET", path, null, READER).response().body()).doesNotContain("whsec_");
    String stored =
        jdbc.sql("select secret from campaign.campaign where campaign_id = :id")
            .param("id", created.body().get("id").asString())
            .query(String.class)
            .single();
    assertThat(stored).startsWith("v1.").hasSizeGreaterThan(80);
  }

  @Test
  void withoutAnEncryptionKeyTheServiceSaysHowToMakeOne() {
    String[] settings =
        Stream.of(settings(TestPostgres.freshDatabase()))
            .filter(setting -> !setting.startsWith("--TRIBUTARY_ENCRYPTION_KEY"))
            .toArray(String[]::new);
    assertThatThrownBy(() -> CampaignApplication.application().run(settings).close())
        .rootCause()
        .hasMessageContaining("TRIBUTARY_ENCRYPTION_KEY must be set");
  }

  @Test
  void linksThatNobodySignedLeadNowhere() throws Exception {
    assertThat(call("GET", "/e/c/aHR0cHM6Ly9ldmlsLmV4YW1wbGUuY29t", null, "").status())
        .isEqualTo(404);
    assertThat(call("POST", "/e/u/x", null, "").status()).isEqualTo(404);
    assertThat(call("GET", "/e/o/x", null, "").status()).isEqualTo(200);
  }
}
