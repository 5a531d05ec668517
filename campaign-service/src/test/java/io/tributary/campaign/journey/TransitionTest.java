package io.tributary.campaign.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.campaign.journey.CampaignState.Action;
import io.tributary.campaign.journey.Transition.Report;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransitionTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Transition after(SendResult result, int attempts) {
    return Transition.after(Channel.EMAIL, result, attempts, NOW, 0);
  }

  @Test
  void acceptedIsSentAndReported() {
    Transition next = after(new SendResult.Accepted("250"), 1);
    assertThat(next.state()).isEqualTo(DeliveryState.SENT);
    assertThat(next.event()).isEqualTo(Report.SENT);
    assertThat(next.suppress()).isFalse();
    assertThat(Transition.after(Channel.WEBHOOK, new SendResult.Accepted("204"), 1, NOW, 0).event())
        .isNull();
  }

  @Test
  void aRefusalBouncesAndSuppressesOnlyForTheAddressesFault() {
    Transition bad = after(new SendResult.Refused("unknown_mailbox", "550", true), 1);
    assertThat(bad.state()).isEqualTo(DeliveryState.BOUNCED);
    assertThat(bad.suppress()).isTrue();
    assertThat(bad.event()).isEqualTo(Report.BOUNCED);
    assertThat(after(new SendResult.Refused("policy", "554", false), 1).suppress()).isFalse();
  }

  @Test
  void whatIsUnknownIsNeverRepeated() {
    for (int attempts = 1; attempts < 10; attempts++) {
      Transition next = after(new SendResult.Unknown("no_answer", ""), attempts);
      assertThat(next.state()).isEqualTo(DeliveryState.UNCERTAIN);
      assertThat(next.dueAt()).isNull();
    }
  }

  @Test
  void aTemporaryRefusalIsRepeatedLaterAndLater() {
    Instant due = NOW;
    for (int attempts = 1; attempts <= 8; attempts++) {
      Transition next = after(new SendResult.Deferred("busy", "451"), attempts);
      assertThat(next.state()).isEqualTo(DeliveryState.PENDING);
      assertThat(next.dueAt()).isAfter(due);
      due = NOW.plus(Duration.between(NOW, next.dueAt()));
    }
    assertThat(due).isAfter(NOW.plus(Duration.ofHours(12)));
    Transition last = after(new SendResult.Deferred("busy", "451"), 9);
    assertThat(last.state()).isEqualTo(DeliveryState.FAILED);
    assertThat(last.outcome()).isEqualTo("gave_up_busy");
  }

  @Test
  void jitterOnlyLengthensTheWaitByAQuarterAtMost() {
    Duration least = RetryPolicy.waitAfter(5, 0).orElseThrow();
    Duration most = RetryPolicy.waitAfter(5, 1).orElseThrow();
    assertThat(most).isEqualTo(least.plus(least.dividedBy(4)));
    assertThatThrownBy(() -> RetryPolicy.waitAfter(0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aReceiverThatIsGonePausesTheCampaign() {
    assertThat(after(new SendResult.EndpointGone("410"), 1).pauseCampaign()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "DRAFT, START, ACTIVE",
    "DRAFT, PAUSE, ",
    "DRAFT, STOP, ",
    "ACTIVE, START, ",
    "ACTIVE, PAUSE, PAUSED",
    "ACTIVE, STOP, STOPPED",
    "ACTIVE, RESUME, ",
    "PAUSED, RESUME, ACTIVE",
    "PAUSED, STOP, STOPPED",
    "PAUSED, START, ",
    "STOPPED, START, ",
    "STOPPED, RESUME, ",
    "FINISHED, START, ",
    "FINISHED, STOP, "
  })
  void aCampaignMovesOnlyAlongTheseWays(CampaignState from, Action action, CampaignState to) {
    assertThat(from.after(action).orElse(null)).isEqualTo(to);
  }
}
