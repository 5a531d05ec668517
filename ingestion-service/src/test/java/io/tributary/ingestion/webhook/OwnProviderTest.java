package io.tributary.ingestion.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tributary.event.Json;
import io.tributary.web.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Definitions that people write: what is let in, and what is said of what isn't. */
class OwnProviderTest {
  private static final String ACME = Senders.resource("own-acme.json");

  private static ObjectNode acme() {
    return (ObjectNode) Json.MAPPER.readTree(ACME);
  }

  /** The definition with one place changed; null takes it away. */
  private static JsonNode changed(String place, String to) {
    ObjectNode definition = acme();
    JsonPointer pointer = JsonPointer.compile(place);
    ObjectNode parent = (ObjectNode) definition.at(pointer.head());
    String name = pointer.last().getMatchingProperty();
    if (to == null) {
      parent.remove(name);
    } else {
      parent.set(name, Json.MAPPER.readTree(to.replace('\'', '"')));
    }
    return definition;
  }

  private static List<String> faults(JsonNode definition) {
    Problem problem = catchThrowableOfType(Problem.class, () -> Providers.read(definition));
    assertThat(problem).as("taken: " + definition).isNotNull();
    return problem.faults().stream().map(fault -> fault.path() + " " + fault.code()).toList();
  }

  @Test
  void aDefinitionIsReadAndStaysAsItWas() {
    ObjectNode definition = acme();
    Provider provider = Providers.read(definition);
    assertThat(provider.becomes())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("sale", "track Order Completed", "member.*", "identify"));
    assertThat(provider.keyName()).isEqualTo("secret");
    assertThat(definition).isEqualTo(acme());
  }

  /** So whoever describes a provider can begin with the definition of a known one. */
  @ParameterizedTest
  @FieldSource("io.tributary.ingestion.webhook.Senders#ALL")
  void whatIsKnownCouldBeDescribed(String known) {
    ObjectNode definition = (ObjectNode) Senders.providers().definition(known).orElseThrow();
    definition.put("provider", "own-" + known);
    assertThat(Providers.read(definition).becomes())
        .isEqualTo(Senders.providers().find(known).orElseThrow().becomes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      quoteCharacter = '`',
      textBlock =
          """
          /provider                          | 'acme'                | provider invalid
          /provider                          | 'own-A'               | provider invalid
          /title                             | -                     | title required
          /title                             | 7                     | title wrong_type
          /verification                      | -                     | verification required
          /verification/signed               | '{timestamp}'         | verification.signed nothing_signed
          /verification/signed               | '{method}{url}'       | verification.signed nothing_signed
          /verification/signed               | '{header:id}'         | verification.signed nothing_signed
          /verification/signed               | '{body'               | verification.signed invalid_value
          /verification/signed               | '{body:/a}{body:/b}{body:/c}{body:/d}{body:/e}{body:/f}{body:/g}{body:/h}{body:/i}{body:/j}{body:/k}' | verification.signed too_many
          /verification/hash                 | 'md5'                 | verification.hash invalid_value
          /verification/encoding             | -                     | verification.encoding required
          /verification/signature            | {}                    | verification.signature.in required
          /verification/signature/in         | 'header:'             | verification.signature.in invalid_value
          /verification/timestamp/tolerance  | 'P30D'                | verification.timestamp.tolerance out_of_range
          /verification/timestamp/tolerance  | 'soon'                | verification.timestamp.tolerance invalid_value
          /needs                             | {}                    | needs.secret required
          /needs/publicKey                   | 'there'               | needs.publicKey not_allowed
          /mapping                           | -                     | mapping required
          /mapping/body                      | -                     | mapping.body required
          /mapping/items                     | 'events'              | mapping.items invalid_value
          /mapping/id                        | []                    | mapping.id required
          /mapping/id                        | [null]                | mapping.id invalid_value
          /mapping/id                        | ['id']                | mapping.id[0] invalid_value
          /mapping/type                      | -                     | mapping.type required
          /mapping/person/externalId         | {'type':'A B','id':[]} | mapping.person.externalId.type invalid
          /mapping/digits                    | {'EUR': 70}           | mapping.digits.EUR out_of_range
          /mapping/nonsense                  | 1                     | mapping.nonsense unknown_key
          /mapping/events/sale               | null                  | mapping.events.sale required
          /mapping/events/sale/track         | ''                    | mapping.events.sale.track required
          /mapping/events/sale/identify      | {}                    | mapping.events.sale invalid_value
          /mapping/events/member.*/identify  | {'{x': '/a'}          | mapping.events.member.*.identify.{x invalid_value
          /mapping/events/member.*/identify  | {'{x}': '/a'}         | mapping.events.member.*.identify.{x} invalid_value
          /mapping/events/sale/properties/x  | null                  | mapping.events.sale.properties.x required
          /mapping/events/sale/properties/x  | 7                     | mapping.events.sale.properties.x invalid_value
          /mapping/events/sale/properties/x  | {'path':'/a','as':'euro'} | mapping.events.sale.properties.x invalid_value
          /mapping/events/sale/properties/x  | {'pathh':'/a','as':'text'} | mapping.events.sale.properties.x invalid_value
          /mapping/events/sale/properties/x  | {'each':'/a'}         | mapping.events.sale.properties.x invalid_value
          /mapping/events/sale/properties/x  | {'each':'body:/a','of':{'b':'/b'}} | mapping.events.sale.properties.x not_allowed
          /mapping/events/sale/properties/x  | {'sum':'header:a','of':'/b'} | mapping.events.sale.properties.x not_allowed
          /mapping/events/sale/properties/x  | {'each':'/a','of':{'b':{'each':'/b','of':{'c':{'each':'/c','of':{'d':{'sum':'/d','of':'/e'}}}}}}} | mapping.events.sale.properties.x.b.c.d too_deep
          """)
  void whatIsWrongIsSaidWithItsPlace(String place, String to, String fault) {
    assertThat(faults(changed(place, to))).contains(fault);
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    ObjectNode definition = acme();
    definition.put("title", "").put("provider", "x");
    ((ObjectNode) definition.get("mapping")).remove("type");
    assertThat(faults(definition))
        .contains("provider invalid", "title required", "mapping.type required");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "\"own-acme\"", "{}"})
  void whatIsNoDefinitionAtAllIsRefused(String text) {
    assertThat(faults(Json.MAPPER.readTree(text))).isNotEmpty();
  }

  @Test
  void aDefinitionIsNotLargerThanItNeedsToBe() {
    ObjectNode definition = acme();
    definition.put("title", "x".repeat(40_000));
    assertThat(faults(definition)).containsExactly("$ too_long");
  }

  /**
   * A part of the body that is repeated in each of its items would be gigabytes; it ends with the
   * first batch that is too large, and nothing larger than that is ever made.
   */
  @Test
  void whatMultipliesTheBodyEndsBeforeItFillsTheMemory() throws Exception {
    JsonNode definition = changed("/mapping/events/sale/properties/all", "'body:/events'");
    String item = "{\"kind\":\"sale\",\"id\":\"1\",\"note\":\"" + "x".repeat(200) + "\"}";
    String body = "{\"events\":[" + "%s,".formatted(item).repeat(5_000) + item + "]}";
    Incoming request =
        new Incoming("POST", "https://e.org", "", Map.of(), body.getBytes(StandardCharsets.UTF_8));
    Iterator<byte[]> batches = Providers.read(definition).batches(request, "src_1").iterator();
    assertThatThrownBy(batches::next).isInstanceOf(Provider.OversizeException.class);
  }
}
