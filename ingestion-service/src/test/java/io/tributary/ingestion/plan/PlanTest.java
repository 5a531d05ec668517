package io.tributary.ingestion.plan;

import static io.tributary.ingestion.plan.Plans.plan;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.event.RawJson;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
  private static final String ORDER =
      """
      {'type': 'object', 'required': ['orderId', 'total'], 'additionalProperties': false,
       'properties': {
         'orderId': {'type': 'string', 'pattern': '^o-[0-9]+$', 'maxLength': 10},
         'total': {'type': 'number', 'minimum': 0},
         'quantity': {'type': 'integer'},
         'currency': {'enum': ['EUR', 'USD']},
         'never': false,
         'note': {'anyOf': [{'type': 'null'}, {'type': 'object', 'required': ['text'],
                                               'properties': {'text': {'type': 'string'}}}]},
         'products': {'type': 'array', 'items': {'type': 'object', 'required': ['sku'],
           'properties': {'price': {'type': 'number'}, 'tags': {'items': {'type': 'string'}}}}}}}
      """;

  private static Checked check(String onViolation, String properties) {
    Plan plan =
        plan(
            "{'event':'Order','schema':" + ORDER + ",'onViolation':'" + onViolation + "'}",
            "allow");
    return plan.check(EventType.TRACK, "Order", json(properties)).orElseThrow();
  }

  private static RawJson json(String text) {
    return RawJson.of(text.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'orderId':'o-1'}|properties.total required missing",
        "{'orderId':7,'total':1}|properties.orderId type number",
        "{'orderId':'x-1','total':1}|properties.orderId pattern string",
        "{'orderId':'o-123456789','total':1}|properties.orderId range string",
        "{'orderId':'o-1','total':-1}|properties.total range number",
        "{'orderId':'o-1','total':1,'quantity':1.5}|properties.quantity type number",
        "{'orderId':'o-1','total':1,'currency':'XXX'}|properties.currency enum string",
        "{'orderId':'o-1','total':1,'extra':[]}|properties.extra additional_property array",
        "{'orderId':'o-1','total':1,'never':null}|properties.never additional_property null",
        "{'orderId':'o-1','total':1,'note':{'text':7}}|properties.note other object",
        "{'orderId':'o-1','total':1,'products':[{'sku':1},{}]}|properties.products[1].sku required missing",
        "{'orderId':'o-1','total':1,'products':[{'sku':1,'price':'9'}]}|properties.products[0].price type string",
        "{'orderId':'o-1','total':1,'products':[{'sku':1,'tags':['a',7]}]}|properties.products[0].tags[1] type number",
      })
  void aViolationNamesFieldKindAndWhatStandsThere(String properties, String violation) {
    Checked checked = check("allow", properties);
    assertThat(checked.action()).isEqualTo(OnViolation.ALLOW);
    assertThat(checked.rest()).isNull();
    assertThat(checked.violations())
        .extracting(found -> found.path() + " " + found.kind().wire() + " " + found.found())
        .containsExactly(violation);
  }

  @Test
  void whatKeepsToThePlanIsClean() {
    String good =
        "{'orderId':'o-1','total':1.10,'quantity':2.0,'currency':'EUR','note':null,"
            + "'products':[{'sku':'a','price':1e2}]}";
    assertThat(check("quarantine", good)).isEqualTo(Checked.CLEAN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'orderId':'o-1','total':1.10,'x':1,'y':{'z':1}}|{'orderId':'o-1','total':1.10}",
        "{'orderId':'o-1','total':'1','big':123456789012345678901234567890.12}|{'orderId':'o-1'}",
        "{'orderId':'o-1','total':1,'note':{'text':7}}|{'orderId':'o-1','total':1}",
        "{'orderId':'o-1','total':1,'products':[{'sku':1,'price':'9'},{'sku':2}]}"
            + "|{'orderId':'o-1','total':1,'products':[{'sku':1},{'sku':2}]}",
        "{'orderId':'o-1','total':1,'products':[7,{'sku':1},8,{'sku':2},9]}"
            + "|{'orderId':'o-1','total':1,'products':[{'sku':1},{'sku':2}]}",
        "{'orderId':'o-1','total':1,'products':[{'sku':1,'tags':[1,'a',2,3,4,5,6,7,8,9,10,11,'b',12]}]}"
            + "|{'orderId':'o-1','total':1,'products':[{'sku':1,'tags':['a','b']}]}",
      })
  void whatBreaksThePlanIsTakenOutAndTheRestStaysAsExact(String properties, String rest) {
    Checked checked = check("omit", properties);
    assertThat(checked.action()).isEqualTo(OnViolation.OMIT);
    assertThat(checked.rest()).isEqualTo(json(rest));
    assertThat(checked.violations()).isNotEmpty();
    assertThat(checked.omitted()).isNotEmpty();
  }

  @Test
  void aFormatOnlySaysWhatIsMeant() {
    Plan plan = plan("{'event':'E','schema':{'properties':{'a':{'format':'date-time'}}}}", "allow");
    assertThat(plan.check(EventType.TRACK, "E", json("{'a':'soon'}")).orElseThrow())
        .isEqualTo(Checked.CLEAN);
  }

  @Test
  void whatIsMissingCantBeTakenOut() {
    Checked checked = check("omit", "{'orderId':'o-1'}");
    assertThat(checked.violations()).hasSize(1);
    assertThat(checked.rest()).isNull();
    assertThat(checked.omitted()).isEmpty();
  }

  @Test
  void ofManyViolationsTheFirstAreReportedAndAllAreTakenOut() {
    StringBuilder items = new StringBuilder("'ok'");
    for (int i = 0; i < 1_000; i++) {
      items.append(',').append(i);
    }
    Checked checked =
        check("omit", "{'orderId':'o-1','total':1,'products':[{'sku':1,'tags':[" + items + "]}]}");
    assertThat(checked.violations()).hasSize(20);
    assertThat(checked.violations().getFirst().field()).isEqualTo("properties.products[].tags[]");
    assertThat(checked.rest())
        .isEqualTo(json("{'orderId':'o-1','total':1,'products':[{'sku':1,'tags':['ok']}]}"));
  }

  @Test
  void theMessageSaysWhatIsWantedAndNeverTheValue() {
    assertThat(check("allow", "{'orderId':'o-1','total':'jenny@example.org'}").violations())
        .singleElement()
        .extracting(Violation::message)
        .isEqualTo("must be of type number");
    assertThat(check("allow", "{'orderId':'o-1','total':-77}").violations())
        .singleElement()
        .extracting(Violation::message)
        .isEqualTo("must keep to minimum 0");
  }

  @Test
  void onlyTrackedEventsCanBeUnplannedAndOtherCallsAreCheckedWhereTheyArePlanned() {
    String identify =
        "{'type':'identify','schema':{'properties':{'age':{'type':'integer'}}},'onViolation':'omit'}";
    Plan allow = plan(identify, "allow");
    Plan quarantine = plan(identify, "quarantine");
    Checked reported = allow.check(EventType.TRACK, "Odd", null).orElseThrow();
    assertThat(reported.action()).isEqualTo(OnViolation.ALLOW);
    assertThat(reported.violations())
        .singleElement()
        .extracting(Violation::event, Violation::kind)
        .containsExactly("Odd", Kind.UNPLANNED_EVENT);
    assertThat(quarantine.check(EventType.TRACK, "Odd", null).orElseThrow().action())
        .isEqualTo(OnViolation.QUARANTINE);
    assertThat(quarantine.check(EventType.PAGE, null, null)).isEmpty();
    assertThat(quarantine.check(EventType.ALIAS, null, null)).isEmpty();
    Checked traits =
        quarantine.check(EventType.IDENTIFY, null, json("{'age':'old','a':1}")).orElseThrow();
    assertThat(traits.rest()).isEqualTo(json("{'a':1}"));
    assertThat(traits.violations().getFirst().path()).isEqualTo("traits.age");
  }

  @Test
  void anEventWithoutPropertiesIsCheckedAsAnEmptyOne() {
    @Nullable RawJson none = null;
    Plan plan = plan("{'event':'Order','schema':{'required':['a']}}", "allow");
    assertThat(plan.check(EventType.TRACK, "Order", none).orElseThrow().violations()).hasSize(1);
  }

  @Test
  void longNamesAreCutBetweenCharacters() {
    String name = "x".repeat(198) + "😀😀";
    Violation violation = new Violation(name, name, Kind.OTHER, "string", "");
    assertThat(violation.event()).isEqualTo("x".repeat(198) + "…");
    assertThat(new Violation("x".repeat(200), "p", Kind.OTHER, "", "").event()).hasSize(200);
  }
}
