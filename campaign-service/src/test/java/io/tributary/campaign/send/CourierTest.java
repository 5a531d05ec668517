package io.tributary.campaign.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.journey.SendResult;
import io.tributary.webhook.WebhookClient.Reply;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a receiver of webhooks says decides whether a message is sent again. */
class CourierTest {
  @ParameterizedTest
  @CsvSource({
    "200, Accepted",
    "299, Accepted",
    "301, Refused",
    "302, Refused",
    "400, Refused",
    "404, Refused",
    "410, EndpointGone",
    "429, Deferred",
    "500, Deferred",
    "502, Deferred",
    "503, Deferred"
  })
  void eachStatusMeansWhatTheStandardSays(int status, String result) {
    assertThat(
            Courier.result(new Reply.Answered(status, Optional.empty())).getClass().getSimpleName())
        .isEqualTo(result);
  }

  @Test
  void withoutAStatusItDependsOnWhetherItCanHaveArrived() {
    assertThat(Courier.result(new Reply.NotReached("connection_refused")))
        .isEqualTo(new SendResult.Deferred("connection_refused", ""));
    assertThat(Courier.result(new Reply.NoAnswer()))
        .isEqualTo(new SendResult.Unknown("no_answer", ""));
    assertThat(Courier.result(new Reply.Forbidden("address_not_allowed")))
        .isEqualTo(new SendResult.Impossible("address_not_allowed", ""));
  }
}
