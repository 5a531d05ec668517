package io.tributary.campaign.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tributary.campaign.journey.SendResult;
import io.tributary.campaign.send.ScriptedSmtp;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SmtpMailerTest {
  private static final Mail MAIL =
      new Mail(
          "<dlv_1@example.org>",
          "shop@example.org",
          "ada@example.org",
          "Hello",
          null,
          "Hello",
          "https://example.org/e/u/1");
  private final GreenMail server = new GreenMail(new ServerSetup(0, null, "smtp"));

  @BeforeEach
  void start() {
    server.start();
    server.setUser("relay@example.org", "relay", "right");
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private static SmtpMailer mailer(int port, @Nullable String password, boolean starttls) {
    String user = password == null ? null : "relay";
    Duration limit = Duration.ofSeconds(5);
    return new SmtpMailer(
        new SmtpSettings("localhost", port, user, password, starttls, limit, limit),
        Clock.systemUTC());
  }

  @Test
  void logsInWhereTheServerWantsIt() {
    SendResult result = mailer(server.getSmtp().getPort(), "right", false).send(MAIL);
    assertThat(result).isInstanceOf(SendResult.Accepted.class);
    assertThat(server.getReceivedMessages()).hasSize(1);
  }

  @Test
  void wrongPasswordIsAMatterOfTheServerAndTriedAgain() {
    SendResult result = mailer(server.getSmtp().getPort(), "wrong", false).send(MAIL);
    assertThat(result).isEqualTo(new SendResult.Deferred("authentication_failed", ""));
    assertThat(server.getReceivedMessages()).isEmpty();
  }

  @Test
  void saysNothingInClearWhenEncryptionIsAskedForAndNotOffered() throws IOException {
    try (ScriptedSmtp plain = new ScriptedSmtp(Map.of())) {
      SendResult result = mailer(plain.port(), "right", true).send(MAIL);
      assertThat(result).isInstanceOf(SendResult.Deferred.class);
      assertThat(plain.verbs).contains("EHLO").doesNotContain("AUTH", "MAIL", "RCPT", "DATA");
    }
  }
}
