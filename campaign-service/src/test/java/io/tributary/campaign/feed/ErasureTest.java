package io.tributary.campaign.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.Bench;
import io.tributary.campaign.admin.Definition.Trigger;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.store.EnrollmentStore;
import io.tributary.campaign.store.EnrollmentStore.Enrollment;
import io.tributary.campaign.store.EnrollmentStore.Listener;
import io.tributary.campaign.store.ErasureStore;
import io.tributary.event.ProfileId;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nothing about an erased person stays, and nothing comes back. */
class ErasureTest {
  private static final String ADDRESS = "ann@erased.example";
  private final Bench bench = new Bench();
  private final ErasureStore erasures = new ErasureStore();

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  private void requested(UUID... homes) {
    for (UUID home : homes) {
      execute("insert into profile.v_privacy_request values ('ws_1', 'prq_1', 'erase', ?)", home);
    }
  }

  private void erase(UUID home) throws SQLException {
    try (Connection connection = bench.dataSource.getConnection()) {
      erasures.erase(connection, Bench.WORKSPACE, home, "prq_1", bench.clock.instant());
    }
  }

  private void execute(String sql, Object... parameters) {
    bench.jdbc.sql(sql).params(parameters).update();
  }

  private long count(String rest) {
    return bench.jdbc.sql("select count(*) from " + rest).query(Long.class).single();
  }

  @Test
  void theReceiptIsThereOnceAllHomesAreDone() throws Exception {
    UUID ann = bench.person(ADDRESS);
    UUID device = bench.person(null);
    requested(ann, device);
    erase(device);
    assertThat(count("campaign.v_privacy_receipt")).isZero();
    erase(device);
    assertThat(count("campaign.v_privacy_receipt")).isZero();
    erase(ann);
    assertThat(count("campaign.v_privacy_receipt where request_id = 'prq_1'")).isOne();
  }

  @Test
  void whatWasOnlySuppressedRepeatedOrRefusedIsForgottenToo() throws Exception {
    UUID ann = bench.person(ADDRESS);
    execute(
        "insert into identity.v_identifier values ('ws_1', 'email', ?, ?, '-infinity', 's', 'm')",
        ADDRESS,
        ann);
    byte[] hash = bench.suppressions.hash(Bench.WORKSPACE, Channel.EMAIL, ADDRESS);
    bench.transaction.executeWithoutResult(status ->
        bench.suppressions.add(
            Bench.WORKSPACE, Channel.EMAIL, hash, "Ann@erased.example", "phone", Instant.now()));
    execute(
        "insert into campaign.idempotency values ('ws_1', 'k', ?, ?, 201, '', ?, now(), now())",
        hash,
        ann,
        "{\"address\":\"Ann@erased.example\"}".getBytes(StandardCharsets.UTF_8));
    execute(
        """
        insert into campaign.quarantine (id, workspace_id, stage, reasons, original, partition, position)
        values ('qrn_1', 'ws_1', 'campaign', '[]', ?, 0, 1)
        """,
        ("{\"profileId\":\"" + new ProfileId(ann) + "\"}").getBytes(StandardCharsets.UTF_8));
    String delivery = bench.due(bench.mailCampaign(null), ann);
    execute(
        "update campaign.delivery set state = 'bounced', detail = '550 <' || ? || '> unknown'",
        ADDRESS);
    requested(ann);
    erase(ann);
    assertThat(count("campaign.suppression where address is not null")).isZero();
    assertThat(bench.suppressions.suppressed(Bench.WORKSPACE, Channel.EMAIL, List.of(hash)))
        .hasSize(1);
    assertThat(count("campaign.idempotency where body is not null")).isZero();
    assertThat(count("campaign.quarantine")).isZero();
    assertThat(count("campaign.delivery where detail is null and delivery_id = '" + delivery + "'"))
        .isOne();
  }

  @Test
  void anEventThatLagsBehindItsPersonsErasureMakesNoDelivery() throws Exception {
    UUID ann = bench.person(ADDRESS);
    UUID bob = bench.person("bob@stays.example");
    execute("insert into profile.v_privacy_block values ('ws_1', ?, 'erased')", ann);
    execute("insert into profile.v_privacy_block values ('ws_1', ?, 'suppressed')", bob);
    Listener listener =
        new Listener(
            bench.mailCampaign(null),
            Bench.WORKSPACE,
            new Trigger.SegmentEntered("seg_1"),
            Channel.EMAIL,
            Instant.EPOCH);
    String event = "{\"traits\":{\"email\":\"ann@erased.example\"}}";
    try (Connection connection = bench.dataSource.getConnection()) {
      new EnrollmentStore()
          .add(
              connection,
              List.of(
                  new Enrollment(listener, ann, "m1", event),
                  new Enrollment(listener, bob, "m2", null)),
              Instant.now());
    }
    assertThat(bench.jdbc.sql("select profile_id from campaign.delivery").query(UUID.class).list())
        .containsExactly(bob);
  }
}
