package io.tributary.campaign.journey;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.journey.Eligibility.Block;
import io.tributary.campaign.journey.Eligibility.Facts;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EligibilityTest {
  private static final Facts FINE =
      new Facts(Channel.EMAIL, false, true, null, false, "a@example.com", false, null, Set.of());

  static Stream<Arguments> objections() {
    String to = "a@example.com";
    return Stream.of(
        Arguments.of(
            new Facts(Channel.EMAIL, true, true, Block.ERASED, false, null, true, "m", Set.of()),
            SkipReason.CAMPAIGN_STOPPED),
        Arguments.of(
            new Facts(Channel.EMAIL, false, false, null, false, to, false, null, Set.of()),
            SkipReason.PROFILE_UNKNOWN),
        Arguments.of(
            new Facts(Channel.EMAIL, false, false, Block.ERASED, false, to, false, null, Set.of()),
            SkipReason.PROFILE_ERASED),
        Arguments.of(
            new Facts(
                Channel.WEBHOOK, false, true, Block.SUPPRESSED, false, null, false, null, Set.of()),
            SkipReason.PROFILE_SUPPRESSED),
        Arguments.of(
            new Facts(Channel.EMAIL, false, true, null, true, to, false, null, Set.of()),
            SkipReason.ALREADY_SENT_IN_RUN),
        Arguments.of(
            new Facts(Channel.EMAIL, false, true, null, false, null, false, null, Set.of()),
            SkipReason.NO_ADDRESS),
        Arguments.of(
            new Facts(
                Channel.EMAIL, false, true, null, false, "a@b\r\nBcc:c", false, null, Set.of()),
            SkipReason.INVALID_ADDRESS),
        Arguments.of(
            new Facts(Channel.EMAIL, false, true, null, false, to, true, null, Set.of("m")),
            SkipReason.ADDRESS_SUPPRESSED),
        Arguments.of(
            new Facts(Channel.EMAIL, false, true, null, false, to, false, "m", Set.of("n")),
            SkipReason.NO_CONSENT),
        Arguments.of(
            new Facts(Channel.WEBHOOK, false, true, null, false, null, false, "m", Set.of()),
            SkipReason.NO_CONSENT));
  }

  @ParameterizedTest
  @MethodSource("objections")
  void theFirstObjectionIsTheReason(Facts facts, SkipReason reason) {
    assertThat(Eligibility.objection(facts)).contains(reason);
  }

  @Test
  void withoutObjectionItIsSent() {
    assertThat(Eligibility.objection(FINE)).isEmpty();
    assertThat(
            Eligibility.objection(
                new Facts(
                    Channel.EMAIL, false, true, null, false, "a@b.de", false, "m", Set.of("m"))))
        .isEmpty();
    assertThat(
            Eligibility.objection(
                new Facts(Channel.WEBHOOK, false, true, null, false, null, false, null, Set.of())))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "a@b.de, true",
    "first.last+tag@sub.example.co.uk, true",
    "a@localhost, true",
    "a b@c.de, false",
    "'a@b.de,c@d.de', false",
    "'<a@b.de>', false",
    "'\"x\"@b.de', false",
    "a@b..de, false",
    "a@-b.de, false",
    "@b.de, false",
    "a@, false",
    "a@[127.0.0.1], false"
  })
  void onlyPlainAddressesAreSentTo(String text, boolean fine) {
    assertThat(Eligibility.isEmailAddress(text)).isEqualTo(fine);
  }

  @Test
  void noLongOrBrokenAddressIsSentTo() {
    assertThat(Eligibility.isEmailAddress("a@b.de\n")).isFalse();
    assertThat(Eligibility.isEmailAddress("a@b.de\r\nBcc: c@d.de")).isFalse();
    assertThat(Eligibility.isEmailAddress("a@" + "b.".repeat(130) + "de")).isFalse();
  }
}
