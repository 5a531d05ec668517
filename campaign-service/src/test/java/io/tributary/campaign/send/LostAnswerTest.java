package io.tributary.campaign.send;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tributary.campaign.Bench;
import io.tributary.campaign.mail.SmtpMailer;
import io.tributary.campaign.mail.SmtpSettings;
import io.tributary.campaign.store.Locks;
import io.tributary.campaign.store.RestoreStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A connection to the database breaks at a COMMIT. What certainly wasn't sent is sent all the same,
 * and what is known to have been sent is recorded.
 */
@Timeout(60)
class LostAnswerTest {
  private final Bench bench = new Bench();
  private final GreenMail mail = new GreenMail(new ServerSetup(0, null, "smtp"));
  private final AtomicInteger lostAnswers = new AtomicInteger();
  private final AtomicInteger lostCommits = new AtomicInteger();

  @BeforeEach
  void open() {
    mail.start();
  }

  @AfterEach
  void close() throws Exception {
    mail.stop();
    bench.close();
  }

  @Test
  void aClaimWhoseCommitIsNotAnsweredIsGivenBackAndSent() {
    String id = bench.due(bench.mailCampaign(null), bench.person("ada@example.com"));
    Dispatcher dispatcher = dispatcher(unsure(), bench.transaction);
    lostAnswers.set(1);
    round(dispatcher);
    assertThat(bench.delivery(id).state()).isEqualTo("claimed");
    round(dispatcher);
    assertThat(bench.delivery(id).state()).isEqualTo("sent");
    assertThat(bench.delivery(id).attempts()).isEqualTo(1);
    assertThat(mail.getReceivedMessages()).hasSize(1);
  }

  @Test
  void anOutcomeIsRecordedHoweverOftenTheDatabaseIsAway() {
    String id = bench.due(bench.mailCampaign(null), bench.person("ada@example.com"));
    Dispatcher dispatcher = dispatcher(bench.transaction, unsure());
    lostCommits.set(3);
    round(dispatcher);
    assertThat(bench.delivery(id).state()).isEqualTo("sent");
    assertThat(mail.getReceivedMessages()).hasSize(1);
  }

  @Test
  void anOutcomeWhoseCommitIsNotAnsweredIsRecordedAndToldOnce() {
    String id = bench.due(bench.mailCampaign(null), bench.person("ada@example.com"));
    Dispatcher dispatcher = dispatcher(bench.transaction, unsure());
    lostAnswers.set(1);
    round(dispatcher);
    round(dispatcher);
    assertThat(bench.delivery(id).state()).isEqualTo("sent");
    assertThat(bench.events()).containsOnlyOnce("Email Sent");
    assertThat(mail.getReceivedMessages()).hasSize(1);
  }

  private static void round(Dispatcher dispatcher) {
    dispatcher.dispatch(() -> {});
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> dispatcher.underWay() == 0);
  }

  private Dispatcher dispatcher(TransactionTemplate claiming, TransactionTemplate recording) {
    SmtpSettings smtp =
        new SmtpSettings(
            "localhost",
            mail.getSmtp().getPort(),
            null,
            null,
            false,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2));
    Claims claims =
        new Claims(
            new Claims.Stores(
                bench.store,
                bench.profiles,
                bench.suppressions,
                new RestoreStore(bench.jdbc),
                new Locks(bench.jdbc)),
            claiming,
            "0",
            bench.clock);
    Outcomes outcomes =
        new Outcomes(
            bench.store,
            bench.suppressions,
            new SuppressionLog(bench.log),
            bench.outbound,
            recording,
            bench.clock);
    Renderer renderer = new Renderer(bench.links, "https://t.example.com");
    Courier courier =
        new Courier(renderer, new SmtpMailer(smtp, bench.clock), bench.webhooks, Bench.BOX);
    return new Dispatcher(
        new Dispatcher.Parts(claims, bench.store, new SendLog(bench.log), courier, outcomes),
        new Dispatcher.Room(32, 8),
        new SimpleMeterRegistry(),
        bench.clock);
  }

  /** Some commits happen without an answer, others don't happen. */
  private TransactionTemplate unsure() {
    return new TransactionTemplate(
        new JdbcTransactionManager(bench.dataSource) {
          @Override
          protected void doCommit(DefaultTransactionStatus status) {
            if (lostCommits.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
              doRollback(status);
              throw new TransactionSystemException("the connection broke before the commit");
            }
            super.doCommit(status);
            if (lostAnswers.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
              throw new TransactionSystemException("the connection broke after the commit");
            }
          }
        });
  }
}
