package io.tributary.identity.resolve;

import static io.tributary.identity.Identities.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tributary.event.EventType;
import io.tributary.identity.Identities.Draft;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtractionTest {
  private static List<String> found(Draft draft) {
    return found(null, draft);
  }

  private static List<String> found(@Nullable String region, Draft draft) {
    return new Extraction(region)
        .read(draft.build()).identifiers().stream()
            .map(id -> id.type() + "=" + id.value())
            .toList();
  }

  private static Draft identify(String traits) {
    return event().traits(EventType.IDENTIFY, traits);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "0",
        "000-000",
        "---",
        "-1",
        "null",
        "NULL",
        "None",
        "nan",
        "undefined",
        "true",
        "False",
        "anonymous",
        "Guest",
        "distinct_id",
        "distinctId",
        "id",
        "not_authenticated",
        "email",
        "void",
        "[object Object]",
        "a\u0000b",
      })
  void aValueThatManyShareOrNobodyCanStoreNamesNobody(String value) {
    assertThat(found(event().user(value).device(value))).isEmpty();
  }

  @Test
  void halfASurrogatePairNamesNobodySinceItCannotBeStored() {
    String ids = "{\"externalIds\":[{\"id\":\"half \\ud83d pair\",\"type\":\"card\"}]}";
    assertThat(found(event().device("d").context(ids))).containsExactly("anonymousId=d");
  }

  @Test
  void idsAreTrimmedAndComposedAndOtherwiseKept() {
    assertThat(found(event().user("  Jose\u0301 A ").device("D-1")))
        .containsExactly("userId=Jos\u00e9 A", "anonymousId=D-1");
    assertThat(found(event().user("\ud83d\ude00"))).containsExactly("userId=\ud83d\ude00");
  }

  @Test
  void whatIsLongerThanTheBoundIsIgnored() {
    assertThat(found(event().user("x".repeat(500)))).hasSize(1);
    assertThat(found(event().user("x".repeat(501)))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "Ann@Example.COM,ann@example.com",
    "' ann+tag@mail.example.co.uk ',ann+tag@mail.example.co.uk",
    "ü@exämple.de,ü@exämple.de"
  })
  void anEmailIsLowerCase(String raw, String normal) {
    assertThat(found(identify("{\"email\":\"" + raw + "\"}"))).containsExactly("email=" + normal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ann",
        "ann@",
        "@x.io",
        "a b@x.io",
        "ann@localhost",
        "ann@x..io",
        "a@b@c.io",
        "null"
      })
  void whatIsNoEmailIsIgnored(String raw) {
    assertThat(found(identify("{\"email\":\"" + raw + "\"}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "+49 151 1234567,,+491511234567",
    "0151/1234567,DE,+491511234567",
    "+1 (202) 555-0143,DE,+12025550143"
  })
  void aPhoneNumberIsInternational(String raw, @Nullable String region, String normal) {
    assertThat(found(region, identify("{\"phone\":\"" + raw + "\"}")))
        .containsExactly("phone=" + normal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0151 1234567", "+49", "call me", "+000000000"})
  void aPhoneNumberThatCouldBeAnywhereIsIgnored(String raw) {
    assertThat(found(identify("{\"phone\":\"" + raw + "\"}"))).isEmpty();
  }

  @Test
  void traitsComeBeforeTheContextsAndOtherTypesOfValuesAreIgnored() {
    assertThat(
            found(
                identify(
                        "{\"email\":\"a@x.io\",\"phone\":{\"n\":1},\"x\":[{\"email\":\"no@x.io\"}]}")
                    .context("{\"traits\":{\"email\":\"b@x.io\",\"phone\":\"+491511234567\"}}")))
        .containsExactly("email=a@x.io", "phone=+491511234567");
    assertThat(
            found(
                identify("{\"email\":\"broken\"}").context("{\"traits\":{\"email\":\"b@x.io\"}}")))
        .containsExactly("email=b@x.io");
    assertThat(found(event().device("d").context("{\"traits\":null,\"externalIds\":{}}")))
        .containsExactly("anonymousId=d");
  }

  @Test
  void theTraitsOfAGroupAreNotThePersons() {
    Draft group =
        event().user("u").group("acme").traits(EventType.GROUP, "{\"email\":\"info@acme.io\"}");
    assertThat(found(group)).containsExactly("userId=u");
    assertThat(found(event().group("acme"))).containsExactly("external:group=acme");
    assertThat(found(event().user("null").group("acme"))).isEmpty();
  }

  @Test
  void externalIdsOfUsersAreTakenInTheOrderOfTheirTypes() {
    String ids =
        """
        {"externalIds":[{"id":"2","type":"till","collection":"users","encoding":"none"},
         {"id":"1","type":"card"},{"id":"9","type":"org","collection":"accounts"},
         {"id":"7","type":"group"},{"id":"null","type":"card"},{"type":"card"},"x",
         {"id":["3"],"type":"card"},{"id":"5","type":"bad type"}]}
        """;
    assertThat(found(event().device("d").context(ids)))
        .containsExactly("external:card=1", "external:till=2", "anonymousId=d");
  }

  @Test
  void aPreviousIdIsKeptUnlessItIsTheUserItself() {
    Extraction extraction = new Extraction(null);
    assertThat(extraction.read(event().user("u").previous("d").build()).previous())
        .isEqualTo(
            new Incoming.Previous(
                new Identifier("ws_1", "userId", "d"), new Identifier("ws_1", "anonymousId", "d")));
    assertThat(extraction.read(event().user("u").previous(" u ").build()).previous()).isNull();
    assertThat(extraction.read(event().user("u").previous("null").build()).previous()).isNull();
  }

  @Test
  void anUnknownRegionIsRefusedWithASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Extraction("Germany"))
        .withMessageContaining("region code");
  }
}
