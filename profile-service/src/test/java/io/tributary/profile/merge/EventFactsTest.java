package io.tributary.profile.merge;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.event.CollectedEvent;
import io.tributary.event.MalformedRecordException;
import io.tributary.profile.merge.EventFacts.IgnoredTrait;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventFactsTest {
  @Test
  void anIdentifySetsItsTraitsAndNotThoseOfItsContext() {
    EventFacts facts = facts("identify", "\"traits\":{\"a\":1},\"context\":{\"traits\":{\"b\":2}}");
    assertThat(facts.traitKeys()).containsExactly("a");
  }

  @Test
  void anyOtherCallSetsTheTraitsOfItsContext() {
    EventFacts facts =
        facts(
            "track", "\"event\":\"E\",\"context\":{\"ip\":\"1\",\"traits\":{\"b\":2},\"x\":[{}]}");
    assertThat(facts.traitKeys()).containsExactly("b");
  }

  @Test
  void theTraitsOfAGroupCallAreTheGroups() {
    EventFacts facts =
        facts("group", "\"traits\":{\"name\":\"Acme\"},\"context\":{\"traits\":{\"b\":2}}");
    assertThat(facts.traitKeys()).containsExactly("b");
  }

  @Test
  void nullRemovesATrait() {
    assertThat(facts("identify", "\"traits\":{\"a\":null}").traits().get("a"))
        .isEqualTo(new Claim(null, 1_000_000, "src_1", "m1"));
  }

  @Test
  void consentIsReadByCategoryAndWhatIsNoYesOrNoIsLeftOut() {
    EventFacts facts =
        facts(
            "track",
            "\"context\":{\"consent\":{\"x\":{},\"categoryPreferences\":{\"ads\":false,\"a\":1,\"mail\":true,"
                + "\"o\":{\"ads\":true}}}}");
    assertThat(facts.consent()).containsOnlyKeys("ads", "mail");
    assertThat(requireNonNull(facts.consent().get("ads")).value()).hasToString("false");
  }

  @Test
  void anEventWithoutThePersonIsNotActive() {
    assertThat(facts("track", "\"context\":{\"active\":false}").active()).isFalse();
    assertThat(facts("track", "\"context\":{\"active\":true}").active()).isTrue();
    assertThat(facts("track", "\"event\":\"E\"").active()).isTrue();
  }

  @Test
  void aValueThatIsTooLongIsIgnoredAndNamed() {
    String value = "x".repeat(EventFacts.MAX_VALUE);
    EventFacts facts = facts("identify", "\"traits\":{\"a\":\"" + value + "\",\"b\":1}");
    assertThat(facts.traitKeys()).containsExactly("b");
    assertThat(facts.ignored()).containsExactly(new IgnoredTrait("a", "value_too_long"));
  }

  @Test
  void aKeyThatIsTooLongOrEmptyIsIgnored() {
    String key = "k".repeat(EventFacts.MAX_KEY + 1);
    EventFacts facts = facts("identify", "\"traits\":{\"" + key + "\":1,\"\":2}");
    assertThat(facts.traits()).isEmpty();
    assertThat(facts.ignored()).extracting(IgnoredTrait::reason).containsOnly("key_length");
  }

  @Test
  void aNumberThatWouldFillMemoryIsRefused() {
    assertThatThrownBy(() -> facts("identify", "\"traits\":{\"a\":1e999999999}"))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("digits");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1.0|1",
        "1e2|100",
        "-0|0",
        "0.10|0.1",
        "12345678901234567890.123|12345678901234567890.123",
        "\"\\u0041\"|\"A\"",
        "{\"b\":1, \"a\":[ ]}|{\"a\":[],\"b\":1}",
        "[1,{\"x\":null},true]|[1,{\"x\":null},true]",
        "{\"a\":1,\"a\":2}|{\"a\":2}",
        "{}|{}",
        "false|false",
      })
  void valuesAreKeptInOneForm(String written, String kept) {
    assertThat(
            requireNonNull(
                    facts("identify", "\"traits\":{\"a\":" + written + "}").traits().get("a"))
                .value())
        .hasToString(kept);
  }

  private static EventFacts facts(String type, String fields) {
    String json =
        """
        {"workspaceId":"ws_a","sourceId":"src_1","type":"%s","messageId":"m1","userId":"u",
         "timestamp":"1970-01-01T00:00:01Z","receivedAt":"1970-01-01T00:00:02Z",%s}
        """
            .formatted(type, fields);
    return EventFacts.of(CollectedEvent.decode(json.strip().getBytes(StandardCharsets.UTF_8)));
  }
}
