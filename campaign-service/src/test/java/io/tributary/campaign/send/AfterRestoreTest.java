package io.tributary.campaign.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.Bench;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.store.RestoreStore;
import io.tributary.campaign.store.SuppressionStore.Suppression;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.KafkaSettings;
import io.tributary.stream.PositionToken;
import io.tributary.testing.TestKafka;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The database is put back as it was before some sends and suppressions. */
class AfterRestoreTest {
  private final KafkaClients clients =
      new KafkaClients(new KafkaSettings(TestKafka.bootstrapServers(), "campaign", "0", 8, 1));
  private Bench bench;
  private RestoreStore store;

  @BeforeEach
  void open() {
    bench = new Bench();
    store = new RestoreStore(bench.jdbc);
    clients.ensureTopics();
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
    clients.close();
  }

  @Test
  void whatWasSentAfterTheBackupIsNotSentAgain() {
    String campaign = bench.mailCampaign(null);
    UUID ada = bench.person("ada@example.com");
    UUID bob = bench.person("bob@example.com");
    UUID cem = bench.person("cem@example.com");
    String key = "m-" + UUID.randomUUID();
    String known = bench.due(campaign, ada);
    String entered = bench.due(campaign, bob);
    String bought = byEvent(campaign, cem, key);
    Claims.Batch batch = bench.claims.claim(campaign, 10);
    assertThat(batch.claimed()).hasSize(3);
    try (SendLog log = new SendLog(clients.producer("sends"))) {
      assertThat(log.append(batch, bench.clock.instant())).isTrue();
    }

    bench
        .jdbc
        .sql(
            "update campaign.delivery set state = 'pending', attempts = 0, claim_token = null, claimed_at = null")
        .update();
    bench
        .jdbc
        .sql("delete from campaign.delivery where delivery_id in (:ids)")
        .param("ids", List.of(entered, bought))
        .update();
    settle(false);
    assertThat(outcome(known)).isEqualTo("uncertain restored");

    // The triggers come again, under other ids; two of them are new.
    String again = bench.due(campaign, bob);
    String boughtAgain = byEvent(campaign, cem, key);
    String boughtMore = byEvent(campaign, cem, "m-" + UUID.randomUUID());
    String first = bench.due(campaign, bench.person("dee@example.com"));
    store.released(1, bench.clock.instant());
    assertThat(claimed(campaign)).containsExactlyInAnyOrder(boughtMore, first);
    assertThat(outcome(again)).isEqualTo("uncertain sent_before_restore");
    assertThat(outcome(boughtAgain)).isEqualTo("uncertain sent_before_restore");

    // Each logged send has kept one; what happens later is sent.
    bench.clock.advance(Duration.ofMinutes(1));
    String later = bench.due(campaign, bob);
    assertThat(claimed(campaign)).containsExactly(later);
  }

  @Test
  void whereTheLogIsLostTooOlderTriggersAreUncertain() {
    String campaign = bench.mailCampaign(null);
    UUID ada = bench.person("ada@example.com");
    String entered = bench.due(campaign, ada);
    String old = byEvent(campaign, ada, "m-1");
    settle(true);
    String fresh = byEvent(campaign, ada, "m-2");
    receivedAt(old, bench.clock.instant().minusSeconds(60));
    receivedAt(fresh, bench.clock.instant().plusSeconds(60));

    assertThat(store.giveUpOlder(bench.clock.instant(), bench.clock.instant())).isEqualTo(2);
    assertThat(outcome(entered)).isEqualTo("uncertain older_than_restore");
    assertThat(outcome(old)).isEqualTo("uncertain older_than_restore");
    assertThat(claimed(campaign)).containsExactly(fresh);
  }

  @Test
  void suppressionsComeBackAndLiftedOnesDoNot() {
    String kept = UUID.randomUUID() + "@example.com";
    String lifted = UUID.randomUUID() + "@example.com";
    try (SuppressionLog log = new SuppressionLog(clients.producer("suppressions"))) {
      log.added(Bench.WORKSPACE, suppress(kept), hash(kept));
      Suppression suppression = suppress(lifted);
      log.added(Bench.WORKSPACE, suppression, hash(lifted));
      log.lifted(Bench.WORKSPACE, suppression.id());
    }
    // As of the backup nothing was kept, and the other wasn't lifted yet.
    bench.jdbc.sql("delete from campaign.suppression where address = :a").param("a", kept).update();
    settle(false);

    assertThat(isSuppressed(kept)).isTrue();
    assertThat(isSuppressed(lifted)).isFalse();
  }

  @Test
  void nothingIsSentBeforeTheTopicsWereRead() {
    lineage(false);
    AfterRestore after = after();
    bench
        .jdbc
        .sql(
            """
            create view segment.v_unsaid as
            select null::timestamptz as earliest_due, null::timestamptz as oldest_unappended, now() as at
            """)
        .update();
    bench.jdbc.sql("create table profile.v_restore (lineage int, open_requests int)").update();
    assertThat(after.isDone()).isFalse();
    assertThat(store.latest().orElseThrow().settled()).isTrue();
    assertThat(store.latest().orElseThrow().released()).isFalse();
  }

  private AfterRestore after() {
    return new AfterRestore(store, clients, bench.transaction, bench.clock);
  }

  private void settle(boolean logLost) {
    lineage(logLost);
    after().settle(store.latest().orElseThrow());
  }

  private void lineage(boolean logLost) {
    bench
        .jdbc
        .sql("insert into campaign.lineage values (1, 'a restore', :lost, :token, :now)")
        .param("lost", logLost)
        .param("token", new PositionToken(Map.of()).format())
        .param("now", bench.clock.instant().atOffset(ZoneOffset.UTC))
        .update();
  }

  private String byEvent(String campaign, UUID person, String key) {
    String id = bench.due(campaign, person);
    bench
        .jdbc
        .sql(
            "update campaign.delivery set trigger_key = :key, event = '{}' where delivery_id = :id")
        .param("key", key)
        .param("id", id)
        .update();
    return id;
  }

  private void receivedAt(String delivery, Instant at) {
    bench
        .jdbc
        .sql(
            "update campaign.delivery set event = jsonb_build_object('receivedAt', :at::text) where delivery_id = :id")
        .param("at", at.toString())
        .param("id", delivery)
        .update();
  }

  private List<String> claimed(String campaign) {
    return bench.claims.claim(campaign, 10).claimed().stream()
        .map(Claims.Claimed::deliveryId)
        .toList();
  }

  private String outcome(String delivery) {
    return bench
        .jdbc
        .sql("select state || ' ' || outcome from campaign.delivery where delivery_id = :id")
        .param("id", delivery)
        .query(String.class)
        .single();
  }

  private byte[] hash(String address) {
    return bench.suppressions.hash(Bench.WORKSPACE, Channel.EMAIL, address);
  }

  private Suppression suppress(String address) {
    @Nullable Suppression added =
        bench.transaction.execute(status ->
            bench.suppressions.add(
                Bench.WORKSPACE,
                Channel.EMAIL,
                hash(address),
                address,
                "manual",
                bench.clock.instant()));
    return Objects.requireNonNull(added);
  }

  private boolean isSuppressed(String address) {
    return !bench
        .suppressions
        .suppressed(Bench.WORKSPACE, Channel.EMAIL, List.of(hash(address)))
        .isEmpty();
  }
}
