package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.web.Faults;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

class TemplateTest {
  private static final Set<String> ALL = Set.of("/", "id", "secret", "items");
  private static final JsonNode MESSAGE =
      Json.EXACT.readTree(
          """
          {"data": {"email": " Ada@Example.COM ", "phone": "030 901820", "total": 12.50, "vip": true,
                    "none": null, "tags": ["a"], "name": "Åda/b c"}}
          """);

  private static Optional<String> rendered(String json) {
    Faults faults = new Faults();
    Template template = Template.of(Json.MAPPER.readTree(json), "body", ALL, faults);
    assertThat(faults.list()).isEmpty();
    return template.render(values()).map(JsonNode::toString);
  }

  private static Template.Values values() {
    return new Template.Values(
        MESSAGE, "msg_1", "s3cret", Json.MAPPER.createArrayNode().add("x").add(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "'{{/data/total}}'; 12.50",
        "'{{/data/vip}}'; true",
        "'{{/data/tags}}'; ['a']",
        "'{{/data/email|email}}'; 'ada@example.com'",
        "'{{ /data/phone | phone:DE }}'; '+4930901820'",
        // As `printf ada@example.com | sha256sum` says.
        "'{{/data/email | email | sha256}}';"
            + " 'b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72'",
        "'no. {{id}} of {{/data/total}}'; 'no. msg_1 of 12.50'",
        "{'a': '{{/data/none?}}', 'b': [1, '{{/data/else?}}', null]}; {'b':[1,null]}",
        "{'all': '{{items}}', 'n': 1}; {'all':['x',2],'n':1}",
        "'{{/data/else?}} there'; ' there'",
        "'{ {id} }'; '{ {id} }'",
        "{'{id}': 1}; {'{id}':1}"
      })
  void placesAreFilled(String template, String expected) {
    assertThat(rendered(template.replace('\'', '"'))).contains(expected.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'a': ['{{/data/none}}']}",
        "'{{/data/name | email}}'",
        "'{{/data/phone | phone}}'",
        "'{{/data/tags | lower}}'",
        "'in a text {{/data/tags}}'",
        "'{{/data/tags/7}}'",
        "'{{/data/else?}}'"
      })
  void withoutAValueThatItMustHaveThereIsNone(String template) {
    assertThat(rendered(template.replace('\'', '"'))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{{secrets}}",
        "{{}}",
        "{{id|md5}}",
        "{{id|phone:XX}}",
        "{{data.email}}",
        "x {{/a|}}"
      })
  void whatCannotBeFilledIsSaid(String text) {
    Faults faults = new Faults();
    Template.of(StringNode.valueOf(text), "here", ALL, faults);
    assertThat(faults.list())
        .singleElement()
        .satisfies(fault -> assertThat(fault.path()).isEqualTo("here"));
  }

  @Test
  void whereSecretsHaveNoPlaceTheyAreNotFilledIn() {
    Faults faults = new Faults();
    Template.of(StringNode.valueOf("{{secret}}"), "body", Set.of("id", "/"), faults);
    assertThat(faults.list()).hasSize(1);
  }

  @Test
  void inAUrlValuesStayWhatTheyAre() {
    Faults faults = new Faults();
    Template url =
        Template.of(
            StringNode.valueOf("https://a.example/{{/data/name}}?q={{id}}"), "u", ALL, faults);
    assertThat(url.text(values(), Template::urlPart))
        .contains("https://a.example/%C3%85da%2Fb%20c?q=msg_1");
    for (String each : List.of("", " ", ".", "..", "x".repeat(501))) {
      assertThat(Template.urlPart(each)).as(each).isEmpty();
    }
  }

  @Test
  void faultsAreToldUpToANumber() {
    Faults faults = new Faults();
    Template.of(StringNode.valueOf("{{}}".repeat(100_000)), "here", ALL, faults);
    assertThat(faults.list()).hasSizeLessThanOrEqualTo(20);
  }

  @Test
  void whatIsTooDeepOrTooMuchIsRefusedAtOnce() {
    for (String json :
        new String[] {
          "[".repeat(60) + "]".repeat(60),
          "[1" + ",1".repeat(5_000) + "]",
          "\"" + "{{id}}".repeat(501) + "\""
        }) {
      Faults faults = new Faults();
      Template.of(Json.MAPPER.readTree(json), "body", ALL, faults);
      assertThat(faults.list()).singleElement().extracting("code").isEqualTo("too_many");
    }
  }
}
