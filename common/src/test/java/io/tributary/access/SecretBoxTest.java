package io.tributary.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretBoxTest {
  private static final String KEY = "k".repeat(32);
  private final SecretBox box = new SecretBox(KEY);

  @Test
  void opensWhatItSealedAlsoAfterARestart() {
    String sealed = box.seal("here", "whsec_1".getBytes(UTF_8));
    assertThat(sealed).doesNotContain("whsec");
    assertThat(new SecretBox(KEY).open("here", sealed)).asString(UTF_8).isEqualTo("whsec_1");
  }

  @Test
  void sameSecretNeverLooksTheSame() {
    assertThat(box.seal("here", new byte[3])).isNotEqualTo(box.seal("here", new byte[3]));
  }

  @Test
  void opensNeitherElsewhereNorWithAnotherKeyNorChanged() {
    String sealed = box.seal("here", "secret".getBytes(UTF_8));
    char last = sealed.charAt(10) == 'A' ? 'B' : 'A';
    String changed = sealed.substring(0, 10) + last + sealed.substring(11);
    assertThatIllegalArgumentException().isThrownBy(() -> box.open("there", sealed));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SecretBox("x".repeat(32)).open("here", sealed))
        .withMessageContaining("TRIBUTARY_ENCRYPTION_KEY");
    assertThatIllegalArgumentException().isThrownBy(() -> box.open("here", changed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v1.", "v1.AAAA", "v1.***", "v2.AAAA", "whsec_plain"})
  void refusesWhatWasNeverSealed(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> box.open("here", text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "short", "                                    "})
  void refusesAKeyThatCanBeGuessed(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SecretBox(key))
        .withMessageContaining("openssl rand");
  }
}
