package io.tributary.campaign;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.access.SecretBox;
import io.tributary.campaign.admin.Definition;
import io.tributary.campaign.mail.SmtpMailer;
import io.tributary.campaign.mail.SmtpSettings;
import io.tributary.campaign.send.Claims;
import io.tributary.campaign.send.Courier;
import io.tributary.campaign.send.Dispatcher;
import io.tributary.campaign.send.Engagements;
import io.tributary.campaign.send.Outcomes;
import io.tributary.campaign.send.Renderer;
import io.tributary.campaign.send.RollCall;
import io.tributary.campaign.send.SendLog;
import io.tributary.campaign.send.SuppressionLog;
import io.tributary.campaign.store.ClaimStore;
import io.tributary.campaign.store.DeliveryStore;
import io.tributary.campaign.store.Locks;
import io.tributary.campaign.store.OutboundStore;
import io.tributary.campaign.store.ProfileReader;
import io.tributary.campaign.store.RestoreStore;
import io.tributary.campaign.store.RunStore;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.track.Links;
import io.tributary.campaign.track.SigningKey;
import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.testing.MutableClock;
import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookSecret;
import io.tributary.webhook.WebhookTargets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The parts of the service on a database of their own, turned by hand, with a clock to set. */
public final class Bench implements AutoCloseable {
  /** Everybody's workspace. */
  public static final String WORKSPACE = "ws_1";

  public final MutableClock clock = MutableClock.at("2026-03-01T12:00:00Z");
  public final HikariDataSource dataSource;
  public final JdbcClient jdbc;
  public final TransactionTemplate transaction;
  public final SigningKey key;
  public final Links links;
  public static final SecretBox BOX = new SecretBox("a key for tests, and for nothing else");
  public final ProfileReader profiles;
  public final SuppressionStore suppressions;
  public final DeliveryStore deliveries;
  public final OutboundStore outbound;
  public final RunStore runs;
  public final ClaimStore store;
  public final Claims claims;
  public final Engagements engagements;
  public final WebhookClient webhooks;

  /** Takes the place of the topic; can be made to fail. */
  public final MockProducer<byte[], byte[]> log =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

  private @Nullable SmtpSettings smtp;

  public Bench() {
    this(TestPostgres.freshDatabase());
  }

  private Bench(TestDatabase database) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.url());
    config.setUsername(database.user());
    config.setPassword(database.password());
    config.setMaximumPoolSize(16);
    dataSource = new HikariDataSource(config);
    prepare(dataSource);
    jdbc = JdbcClient.create(dataSource);
    transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
    key = SigningKey.load(jdbc, BOX);
    links = new Links("https://t.example.com", key);
    profiles = new ProfileReader(jdbc);
    suppressions = new SuppressionStore(jdbc, key);
    deliveries = new DeliveryStore(jdbc);
    outbound = new OutboundStore(jdbc);
    runs = new RunStore(jdbc);
    store = new ClaimStore(jdbc);
    claims = claims("0");
    engagements =
        new Engagements(
            deliveries, suppressions, new SuppressionLog(log), outbound, transaction, clock);
    webhooks =
        new WebhookClient(new WebhookTargets(Set.of()), WebhookClient.Connections.ONE_EACH, clock);
  }

  /** Makes the schemas. */
  public static void prepare(DataSource dataSource) {
    new ResourceDatabasePopulator(new ClassPathResource("neighbours.sql")).execute(dataSource);
    Flyway.configure()
        .dataSource(dataSource)
        .schemas("campaign")
        .locations("classpath:db/migration/campaign", "classpath:db/stream", "classpath:db/web")
        .load()
        .migrate();
  }

  /** Claims by another instance. */
  public Claims claims(String instance) {
    return new Claims(
        new Claims.Stores(store, profiles, suppressions, new RestoreStore(jdbc), new Locks(jdbc)),
        transaction,
        instance,
        clock);
  }

  /** Sends by this server from now on. */
  public Bench mailTo(int port) {
    smtp =
        new SmtpSettings(
            "localhost", port, null, null, false, Duration.ofSeconds(2), Duration.ofSeconds(2));
    return this;
  }

  /** A dispatcher that posts webhooks by the given client. */
  public Dispatcher dispatcher(WebhookClient client) {
    Renderer renderer = new Renderer(links, "https://t.example.com");
    SmtpSettings mail = smtp;
    Courier courier =
        new Courier(renderer, mail == null ? null : new SmtpMailer(mail, clock), client, BOX);
    return new Dispatcher(
        new Dispatcher.Parts(claims, store, new SendLog(log), courier, outcomes()),
        new Dispatcher.Room(32, 8),
        new SimpleMeterRegistry(),
        clock);
  }

  /** Records outcomes. */
  public Outcomes outcomes() {
    return new Outcomes(store, suppressions, new SuppressionLog(log), outbound, transaction, clock);
  }

  /** Roll calls of an instance, with a lease of ten minutes. */
  public RollCall rollCall(String instance) {
    return new RollCall(store, instance, Duration.ofMinutes(10), clock);
  }

  /** Sends all that is due, and waits for it. */
  public void sendAll() {
    Dispatcher dispatcher = dispatcher(webhooks);
    boolean more = true;
    while (more) {
      more = dispatcher.dispatch(() -> {});
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> dispatcher.underWay() == 0);
    }
  }

  /** An active campaign of mails. */
  public String mailCampaign(@Nullable String consentCategory) {
    return campaign(
        "email",
        Map.of(
            "type",
            "email",
            "from",
            "Shop <shop@example.com>",
            "subject",
            "Hi {{ profile.name }}",
            "html",
            "<p>Hi {{ profile.name }}, <a href=\"https://shop.example.com/?a=1&amp;b=2\">go</a>"
                + " <a href=\"{{ unsubscribe_url }}\">unsubscribe</a></p>",
            "text",
            "Hi {{ profile.name | default: 'friend' }}"),
        null,
        consentCategory);
  }

  /** An active campaign of webhooks; answers its id. */
  public String webhookCampaign(String url, String secret) {
    return campaign("webhook", Map.of("type", "webhook", "url", url), secret, null);
  }

  /** A new secret. */
  public static String secret() {
    return WebhookSecret.create();
  }

  private String campaign(
      String type,
      Map<String, String> channel,
      @Nullable String secret,
      @Nullable String consentCategory) {
    String id = Ids.create("cmp");
    jdbc.sql(
            """
            insert into campaign.campaign
                (campaign_id, workspace_id, name, trigger_type, segment_id, trigger, channel_type, channel, secret,
                 consent_category, state, version, created_at, updated_at, activated_at)
            values (:id, :workspace, 'Welcome', 'segment_entered', 'seg_1',
                    '{"type":"segment_entered","segmentId":"seg_1"}', :type, :channel::jsonb, :secret, :consent,
                    'active', 0, now(), now(), now())
            """)
        .param("id", id)
        .param("workspace", WORKSPACE)
        .param("type", type)
        .param("channel", Json.MAPPER.writeValueAsString(channel))
        .param(
            "secret",
            secret == null ? null : WebhookSecret.seal(BOX, Definition.secretPlace(id), secret))
        .param("consent", consentCategory)
        .update();
    return id;
  }

  /** A person with this mail address. */
  public UUID person(@Nullable String email) {
    return person(email, "{}");
  }

  /** A person with this mail address and consent. */
  public UUID person(@Nullable String email, String consent) {
    UUID id = Ids.uuid();
    jdbc.sql(
            """
            insert into profile.v_profile (workspace_id, profile_id, canonical_id, is_root, traits, consent, homes)
            values (:workspace, :id, :id, true, jsonb_build_object('name', 'Ada', 'email', :email::text), :consent::jsonb,
                    array[:id]::uuid[])
            """)
        .param("workspace", WORKSPACE)
        .param("id", id)
        .param("email", email)
        .param("consent", consent)
        .update();
    return id;
  }

  /** Merges one person into another. */
  public void merge(UUID absorbed, UUID survivor) {
    jdbc.sql(
            """
            update profile.v_profile set canonical_id = :survivor, is_root = false, traits = null, homes = null
            where profile_id = :absorbed
            """)
        .param("survivor", survivor)
        .param("absorbed", absorbed)
        .update();
    jdbc.sql("update profile.v_profile set homes = homes || :absorbed where profile_id = :survivor")
        .param("survivor", survivor)
        .param("absorbed", absorbed)
        .update();
  }

  /** A delivery that is due. */
  public String due(String campaign, UUID person) {
    String id = Ids.create("dlv");
    jdbc.sql(
            """
            insert into campaign.delivery
                (delivery_id, workspace_id, campaign_id, profile_id, trigger_key, channel, state, created_at, due_at)
            select :id, workspace_id, campaign_id, :person, :id, channel_type, 'pending', :now, :now
            from campaign.campaign where campaign_id = :campaign
            """)
        .param("id", id)
        .param("campaign", campaign)
        .param("person", person)
        .param("now", clock.instant().atOffset(java.time.ZoneOffset.UTC))
        .update();
    return id;
  }

  /** The delivery as it stands. */
  public DeliveryStore.Delivery delivery(String id) {
    return deliveries.find(WORKSPACE, id).orElseThrow();
  }

  /** Suppresses an address, as the API does it. */
  public void suppress(String address) {
    transaction.executeWithoutResult(status ->
        suppressions.add(
            WORKSPACE,
            io.tributary.campaign.journey.Channel.EMAIL,
            suppressions.hash(WORKSPACE, io.tributary.campaign.journey.Channel.EMAIL, address),
            address,
            "manual",
            clock.instant()));
  }

  /** Names of the events that wait to be posted. */
  public List<String> events() {
    return jdbc.sql("select event from campaign.outbound_event order by outbound_id")
        .query(String.class)
        .list();
  }

  @Override
  public void close() throws java.io.IOException {
    webhooks.close();
    dataSource.close();
  }
}
