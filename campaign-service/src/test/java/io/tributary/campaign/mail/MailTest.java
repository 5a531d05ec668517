package io.tributary.campaign.mail;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailTest {
  @ParameterizedTest
  @ValueSource(strings = {"\r\nBcc: all@example.org", "\nX: y", "\r", "\u0000", "\u007f"})
  void noHeaderHoldsALineBreak(String end) {
    String[] fine = {"<1@x>", "shop@example.org", "ada@example.org", "Hello", "https://x/e/u/1"};
    assertThatCode(() -> mail(fine)).doesNotThrowAnyException();
    for (int i = 0; i < fine.length; i++) {
      String[] forged = fine.clone();
      forged[i] += end;
      assertThatThrownBy(() -> mail(forged)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Mail mail(String[] headers) {
    return new Mail(headers[0], headers[1], headers[2], headers[3], null, "Hello", headers[4]);
  }
}
