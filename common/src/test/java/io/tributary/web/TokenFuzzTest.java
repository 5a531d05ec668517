package io.tributary.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.stream.PositionToken;
import io.tributary.testing.Fuzz;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** What comes back from callers: cursors and position tokens, in whatever state. */
class TokenFuzzTest {
  @Test
  void aCursorIsReadOrRefusedWith400() {
    Fuzz.run(
        "cursor",
        input -> {
          cursor(new String(input, UTF_8));
          cursor(Base64.getUrlEncoder().withoutPadding().encodeToString(input));
        });
  }

  private static void cursor(String text) {
    try {
      Cursor cursor = Cursor.decode(text, "events", 3);
      cursor.number(0);
      cursor.instant(1);
      cursor.uuid(2);
    } catch (Problem e) {
      assertThat(e.status()).isEqualTo(400);
    }
  }

  @Test
  void aPositionTokenIsReadOrIsNone() {
    Fuzz.run(
        "position",
        input -> {
          position(new String(input, UTF_8));
          position("p1." + Base64.getUrlEncoder().withoutPadding().encodeToString(input));
        });
  }

  private static void position(String text) {
    PositionToken.parse(text)
        .ifPresent(token -> assertThat(PositionToken.parse(token.format())).contains(token));
  }
}
