package io.tributary.campaign.send;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tributary.campaign.Bench;
import io.tributary.campaign.journey.SendResult;
import io.tributary.campaign.store.DeliveryStore.Delivery;
import io.tributary.campaign.track.Links;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is due is sent, once, and what became of it is recorded truly. */
@Timeout(60)
class SendingTest {
  private static Bench bench;

  @BeforeAll
  static void open() {
    bench = new Bench();
  }

  @AfterAll
  static void close() throws Exception {
    bench.close();
  }

  private static Delivery sentBy(ScriptedSmtp server, String to) {
    String delivery = bench.due(bench.mailCampaign(null), bench.person(to));
    bench.mailTo(server.port()).sendAll();
    return bench.delivery(delivery);
  }

  @Test
  void aMailArrivesOnceWithEverythingItNeeds() throws Exception {
    GreenMail mail = new GreenMail(new ServerSetup(0, null, "smtp"));
    mail.start();
    try {
      String id = bench.due(bench.mailCampaign(null), bench.person("ada@example.com"));
      bench.mailTo(mail.getSmtp().getPort());
      bench.sendAll();
      bench.sendAll();
      assertThat(mail.getReceivedMessages()).hasSize(1);
      MimeMessage message = mail.getReceivedMessages()[0];
      assertThat(message.getSubject()).isEqualTo("Hi Ada");
      assertThat(message.getMessageID()).isEqualTo("<" + id + "@t.example.com>");
      assertThat(message.getHeader("List-Unsubscribe-Post"))
          .containsExactly("List-Unsubscribe=One-Click");
      String unsubscribe = message.getHeader("List-Unsubscribe")[0].replaceAll("[<>\\s]", "");
      assertThat(unsubscribe)
          .isEqualTo(bench.links.unsubscribe(new Links.Place(Bench.WORKSPACE, id)));
      MimeMultipart parts = (MimeMultipart) message.getContent();
      assertThat(parts.getContentType()).startsWith("multipart/alternative");
      assertThat(parts.getBodyPart(0).getContent()).isEqualTo("Hi Ada");
      String html = (String) parts.getBodyPart(1).getContent();
      assertThat(html)
          .contains("https://t.example.com/e/o/")
          .contains("https://t.example.com/e/c/")
          .contains(unsubscribe)
          .doesNotContain("shop.example.com");
      Delivery delivery = bench.delivery(id);
      assertThat(delivery.state()).isEqualTo("sent");
      assertThat(delivery.address()).isEqualTo("ada@example.com");
      assertThat(delivery.subject()).isEqualTo("Hi Ada");
      assertThat(bench.log.history())
          .extracting(record -> new String(record.key(), java.nio.charset.StandardCharsets.UTF_8))
          .contains(id);
      assertThat(bench.events()).contains("Email Sent");
    } finally {
      mail.stop();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RCPT, 550 5.1.1 no such user, bounced, recipient_refused, true",
    "RCPT, 550 unknown, bounced, recipient_refused, true",
    "RCPT, 554 5.7.1 relaying denied, bounced, recipient_refused, false",
    "RCPT, 451 4.7.1 greylisted, pending, refused_for_now, false",
    "MAIL, 550 5.7.1 not you, failed, sender_refused, false",
    "MAIL, 421 too busy, pending, refused_for_now, false",
    "DATA, 554 5.7.1 spam, bounced, message_refused, false",
    "., 552 5.7.0 spam, bounced, message_refused, false",
    "., 452 4.3.1 disk full, pending, refused_for_now, false",
    "connect, 554 no service, pending, connection_refused, false",
    "connect, <hang up>, pending, connection_refused, false",
    "MAIL, <hang up>, pending, connection_lost, false",
    "RCPT, <hang up>, pending, connection_lost, false",
    "DATA, <hang up>, pending, connection_lost, false",
    "., <hang up>, uncertain, no_answer, false",
    "., <silence>, uncertain, no_answer, false",
    "connect, <silence>, pending, connection_refused, false"
  })
  void eachAnswerMeansWhatItSays(
      String step, String answer, String state, String outcome, boolean suppressed)
      throws IOException {
    String to = UUID.randomUUID() + "@example.com";
    try (ScriptedSmtp server = new ScriptedSmtp(Map.of(step, answer))) {
      Delivery delivery = sentBy(server, to);
      assertThat(delivery.state()).isEqualTo(state);
      assertThat(delivery.outcome()).isEqualTo(outcome);
      assertThat(delivery.attempts()).isEqualTo(1);
      assertThat(String.valueOf(delivery.detail())).doesNotContain("@");
      Delivery next = sentBy(new ScriptedSmtp(Map.of()), to);
      assertThat(next.state()).isEqualTo(suppressed ? "skipped" : "sent");
      // What is uncertain isn't repeated, whatever time passes.
      bench.clock.advance(Duration.ofDays(2));
      bench.mailTo(server.port()).sendAll();
      assertThat(bench.delivery(delivery.id()).attempts())
          .isEqualTo(state.equals("pending") ? 2 : 1);
    } finally {
      bench.jdbc.sql("delete from campaign.delivery where state = 'pending'").update();
    }
  }

  @Test
  void aServerThatIsAwayIsTriedAgainForHoursAndThenGivenUp() throws IOException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    String id = bench.due(bench.mailCampaign(null), bench.person("later@example.com"));
    for (int attempt = 1; attempt <= 8; attempt++) {
      bench.mailTo(nobody).sendAll();
      assertThat(bench.delivery(id).state()).isEqualTo("pending");
      bench.sendAll();
      assertThat(bench.delivery(id).attempts()).as("not before its time").isEqualTo(attempt);
      bench.clock.advance(Duration.ofHours(20));
    }
    bench.sendAll();
    assertThat(bench.delivery(id).state()).isEqualTo("failed");
    assertThat(bench.delivery(id).outcome()).isEqualTo("gave_up_connection_refused");
  }

  @Test
  void withoutTheLogNothingIsSent() throws IOException {
    try (ScriptedSmtp server = new ScriptedSmtp(Map.of())) {
      String id = bench.due(bench.mailCampaign(null), bench.person("log@example.com"));
      bench.log.sendException = new TimeoutException();
      bench.mailTo(server.port()).dispatcher(bench.webhooks).dispatch(() -> {});
      assertThat(bench.delivery(id).state()).isEqualTo("pending");
      assertThat(bench.delivery(id).attempts()).isZero();
      assertThat(server.received).isEmpty();
      bench.log.sendException = null;
      bench.clock.advance(Duration.ofSeconds(5));
      bench.sendAll();
      assertThat(bench.delivery(id).state()).isEqualTo("sent");
    } finally {
      bench.log.sendException = null;
    }
  }

  @Test
  void aCrashBetweenClaimAndOutcomeIsUncertainAndNeverRepeated() throws IOException {
    String campaign = bench.mailCampaign(null);
    String mine = bench.due(campaign, bench.person("crash@example.com"));
    Claims.Batch batch = bench.claims("former").claim(campaign, 10);
    assertThat(batch.claimed()).extracting(Claims.Claimed::deliveryId).containsExactly(mine);
    try (ScriptedSmtp server = new ScriptedSmtp(Map.of())) {
      bench.mailTo(server.port()).sendAll();
      bench.rollCall("another").answer();
      assertThat(bench.delivery(mine).state()).isEqualTo("claimed");
      bench.rollCall("former").answer();
      bench.clock.advance(Duration.ofDays(1));
      bench.sendAll();
      assertThat(bench.delivery(mine).state()).isEqualTo("uncertain");
      assertThat(bench.delivery(mine).outcome()).isEqualTo("interrupted");
      assertThat(server.received).isEmpty();
    }
  }

  @Test
  void aClaimOfAnotherInstanceIsGivenUpWhenItsLeaseIsOver() {
    String campaign = bench.mailCampaign(null);
    String id = bench.due(campaign, bench.person("lease@example.com"));
    bench.claims("frozen").claim(campaign, 10);
    RollCall rollCall = bench.rollCall("0");
    for (int minute = 0; minute < 11; minute++) {
      assertThat(bench.delivery(id).state()).isEqualTo("claimed");
      turn(rollCall, Duration.ofMinutes(1));
    }
    assertThat(bench.delivery(id).outcome()).isEqualTo("claim_expired");
  }

  @Test
  void whatAnInstanceThatIsGoneHadClaimedIsGivenUpAfterAMinute() {
    String campaign = bench.mailCampaign(null);
    RollCall gone = bench.rollCall("gone");
    RollCall stays = bench.rollCall("stays");
    gone.answer();
    turn(stays, Duration.ofMinutes(2));
    String id = bench.due(campaign, bench.person("gone@example.com"));
    bench.claims("gone").claim(campaign, 10);
    for (int ten = 0; ten < 10; ten++) {
      gone.answer();
      turn(stays, Duration.ofSeconds(10));
    }
    assertThat(bench.delivery(id).state()).as("old, but its instance lives").isEqualTo("claimed");
    turn(stays, Duration.ofSeconds(50));
    assertThat(bench.delivery(id).state()).isEqualTo("claimed");
    turn(stays, Duration.ofSeconds(20));
    assertThat(bench.delivery(id).state()).isEqualTo("uncertain");
    assertThat(bench.delivery(id).outcome()).isEqualTo("interrupted");
  }

  @Test
  void whoWasAwayGivesTheOthersTimeToBeSeen() {
    String campaign = bench.mailCampaign(null);
    String id = bench.due(campaign, bench.person("gone@example.com"));
    bench.rollCall("gone").answer();
    bench.claims("gone").claim(campaign, 10);
    bench.clock.advance(Duration.ofMinutes(2));
    RollCall rollCall = bench.rollCall("0");
    turn(rollCall, Duration.ofSeconds(50));
    bench.clock.advance(Duration.ofMinutes(2));
    turn(rollCall, Duration.ofSeconds(50));
    assertThat(bench.delivery(id).state()).as("just back").isEqualTo("claimed");
    turn(rollCall, Duration.ofSeconds(20));
    assertThat(bench.delivery(id).state()).isEqualTo("uncertain");
  }

  /** Lets so much time pass, with a roll call every ten seconds and at its end. */
  private void turn(RollCall rollCall, Duration time) {
    rollCall.answer();
    for (Duration left = time; left.isPositive(); left = left.minusSeconds(10)) {
      bench.clock.advance(Duration.ofSeconds(10));
      rollCall.answer();
    }
  }

  @Test
  void anOutcomeThatComesAfterAllIsRecordedButNotTriedAgain() {
    String campaign = bench.mailCampaign(null);
    String sent = bench.due(campaign, bench.person("sent@example.com"));
    String deferred = bench.due(campaign, bench.person("deferred@example.com"));
    Claims.Batch batch = bench.claims("slow").claim(campaign, 10);
    bench.rollCall("slow").answer();
    assertThat(bench.delivery(sent).state()).isEqualTo("uncertain");
    for (Claims.Claimed claim : batch.claimed()) {
      SendResult result =
          claim.deliveryId().equals(sent)
              ? new SendResult.Accepted("250")
              : new SendResult.Deferred("smtp_temporary", "450");
      bench.outcomes().record(claim, batch.token(), Courier.Sent.without(result));
    }
    assertThat(bench.delivery(sent).state()).isEqualTo("sent");
    assertThat(bench.delivery(deferred).state()).isEqualTo("uncertain");
  }

  @Test
  void pausingHoldsAndStoppingEndsWhatIsDue() throws IOException {
    try (ScriptedSmtp server = new ScriptedSmtp(Map.of())) {
      bench.mailTo(server.port());
      String campaign = bench.mailCampaign(null);
      String id = bench.due(campaign, bench.person("pause@example.com"));
      state(campaign, "paused");
      bench.sendAll();
      assertThat(bench.delivery(id).state()).isEqualTo("pending");
      state(campaign, "stopped");
      bench.sendAll();
      assertThat(bench.delivery(id).state()).isEqualTo("skipped");
      assertThat(bench.delivery(id).outcome()).isEqualTo("campaign_stopped");
      assertThat(server.received).isEmpty();
    }
  }

  private static void state(String campaign, String state) {
    bench
        .jdbc
        .sql("update campaign.campaign set state = :state where campaign_id = :id")
        .param("state", state)
        .param("id", campaign)
        .update();
  }

  @Test
  void whoMayNotGetItIsSkippedWithTheReason() {
    String campaign = bench.mailCampaign("marketing");
    UUID suppressed = bench.person("s@example.com", "{\"marketing\":true}");
    bench.suppress("S@Example.com");
    UUID blocked = bench.person("b@example.com", "{\"marketing\":true}");
    bench
        .jdbc
        .sql("insert into profile.v_privacy_block values ('ws_1', :id, 'suppressed')")
        .param("id", blocked)
        .update();
    UUID absorbed = bench.person("x@example.com", "{\"marketing\":true}");
    bench.merge(absorbed, blocked);
    Map<String, String> expected =
        Map.of(
            bench.due(campaign, suppressed), "address_suppressed",
            bench.due(campaign, blocked), "profile_suppressed",
            bench.due(campaign, absorbed), "profile_suppressed",
            bench.due(campaign, bench.person("n@example.com")), "no_consent",
            bench.due(campaign, bench.person("c@example.com", "{\"marketing\":false}")),
                "no_consent",
            bench.due(campaign, bench.person("d@example.com", "{\"marketing\":\"conflict\"}")),
                "no_consent",
            bench.due(campaign, bench.person(null, "{\"marketing\":true}")), "no_address",
            bench.due(campaign, bench.person("a@b.de\nBcc: c@d.de", "{\"marketing\":true}")),
                "invalid_address",
            bench.due(campaign, UUID.randomUUID()), "profile_unknown");
    bench.sendAll();
    expected.forEach((id, reason) -> {
      assertThat(bench.delivery(id).state()).isEqualTo("skipped");
      assertThat(bench.delivery(id).outcome()).isEqualTo(reason);
    });
  }

  @Test
  void aMailThatCantBeRenderedFailsWithTheReason() {
    String campaign = bench.mailCampaign(null);
    bench
        .jdbc
        .sql(
            """
            update campaign.campaign
            set channel = jsonb_set(channel, '{subject}', '"{{ profile.name | divided_by: 0 }}"')
            where campaign_id = :id
            """)
        .param("id", campaign)
        .update();
    String id = bench.due(campaign, bench.person("r@example.com"));
    bench.mailTo(1).sendAll();
    assertThat(bench.delivery(id).state()).isEqualTo("failed");
    assertThat(bench.delivery(id).outcome()).isEqualTo("render_failed");
  }
}
