package io.tributary.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agrees with the JDK's parser about every text. */
class UtcTimeTest {
  private final long seed = Long.getLong("tributary.seed", System.nanoTime());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-24T08:00:00Z",
        "2026-11-24T08:00:00.1Z",
        "2026-11-24T08:00:00.123456789Z",
        "1969-12-31T23:59:59.999999999Z",
        "2024-02-29T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-11-24T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-11-24T08:00:00.Z",
        "2026-11-24T08:00:00.1234567890Z",
        "2026-11-24T08:00Z",
        "2026-11-24T08:00:00+01:00",
        "2026-11-24t08:00:00z",
        "+12026-11-24T08:00:00Z",
        "-0001-11-24T08:00:00Z",
        "2026-11-24T08:00:00",
        "2026-11-24",
        "Z",
        ""
      })
  void itAgreesAboutForms(String text) {
    assertAgreement(text);
  }

  @Test
  void itAgreesAboutRandomTimesAlsoWithACharacterOfThemChanged() {
    System.out.println("UtcTimeTest seed: -Dtributary.seed=" + seed);
    Random random = new Random(seed);
    String letters = "0123456789-:.TZ+ zé";
    for (int i = 0; i < 20_000; i++) {
      Instant time =
          Instant.ofEpochSecond(
              random.nextLong(-80_000_000_000L, 250_000_000_000L), random.nextInt(1_000_000_000));
      String text = time.toString();
      assertAgreement(text);
      StringBuilder changed = new StringBuilder(text);
      changed.setCharAt(
          random.nextInt(text.length()), letters.charAt(random.nextInt(letters.length())));
      assertAgreement(changed.toString());
    }
  }

  private void assertAgreement(String text) {
    Instant[] expected = new Instant[1];
    Throwable refused = catchThrowable(() -> expected[0] = Instant.parse(text));
    if (refused == null) {
      assertThat(UtcTime.parse(text)).as("%s, seed %s", text, seed).isEqualTo(expected[0]);
    } else {
      assertThat(catchThrowable(() -> UtcTime.parse(text)))
          .as("%s, seed %s", text, seed)
          .isInstanceOf(DateTimeParseException.class);
    }
  }
}
