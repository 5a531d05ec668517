package io.tributary.ingestion.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What steps do to events, and what is said of them. */
class TransformationTest {

  private static ObjectNode event(String json) {
    return (ObjectNode) Json.MAPPER.readTree(json.replace('\'', '"'));
  }

  private static String after(String steps, String before) {
    ObjectNode event = event(before);
    Transformations.of(steps).apply(event);
    return event.toString().replace('"', '\'');
  }

  private static JsonNode note(Transformation.Outcome outcome) {
    return outcome.note().tree();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'op':'set','path':'/properties/products/*/currency','value':'EUR'} | {'properties':{'products':[{'sku':1},{'sku':2}]}} | {'properties':{'products':[{'sku':1,'currency':'EUR'},{'sku':2,'currency':'EUR'}]}}",
        "{'op':'remove','path':'/properties/products/*/cost'} | {'properties':{'products':[{'cost':1},{'a':2,'cost':3}]}} | {'properties':{'products':[{},{'a':2}]}}",
        "{'op':'remove','path':'/properties/tags/*'} | {'properties':{'tags':[1,2,3]}} | {'properties':{'tags':[]}}",
        "{'op':'rename','path':'/properties/products/*/id','to':'sku'} | {'properties':{'products':[{'id':1},{'x':2}]}} | {'properties':{'products':[{'sku':1},{'x':2}]}}",
        "{'op':'move','from':'/properties/user','path':'/userId'} | {'properties':{'user':'u1'}} | {'properties':{},'userId':'u1'}",
        "{'op':'cast','path':'/properties/total','to':'number'} | {'properties':{'total':'12.50'}} | {'properties':{'total':12.50}}",
        "{'op':'translate','path':'/event','values':{'order_completed':'Order Completed'}} | {'event':'order_completed'} | {'event':'Order Completed'}",
        "{'op':'translate','path':'/properties/vip','values':{'1':true,'0':false},'otherwise':null} | {'properties':{'vip':1}} | {'properties':{'vip':true}}",
        "{'op':'translate','path':'/properties/vip','values':{'1':true},'otherwise':false} | {'properties':{'vip':'maybe'}} | {'properties':{'vip':false}}",
        "{'op':'compute','path':'/properties/gross','expression':'double(event.properties.net) * 1.5'} | {'properties':{'net':4}} | {'properties':{'net':4,'gross':6.0}}",
        "{'op':'compute','path':'/properties/size','expression':'event.properties.products.size()'} | {'properties':{'products':[1,2]}} | {'properties':{'products':[1,2],'size':2}}",
        "{'op':'compute','path':'/properties/x','expression':'value.lowerAscii()'} | {'properties':{'x':'ABC'}} | {'properties':{'x':'abc'}}",
        "{'op':'standardize','path':'/traits/email','as':'email'} | {'traits':{'email':' MailTo:Ada@Example.COM '}} | {'traits':{'email':'ada@example.com'}}",
        "{'op':'standardize','path':'/traits/email','as':'email'} | {'traits':{'email':'nobody'}} | {'traits':{'email':'nobody'}}",
        "{'op':'standardize','path':'/traits/phone','as':'phone','region':'DE'} | {'traits':{'phone':'030 / 12 34 56 78'}} | {'traits':{'phone':'+493012345678'}}",
        "{'op':'standardize','path':'/traits/phone','as':'phone'} | {'traits':{'phone':'+1 (650) 253-0000'}} | {'traits':{'phone':'+16502530000'}}",
        "{'op':'standardize','path':'/traits/land','as':'country'} | {'traits':{'land':'deutschland'}} | {'traits':{'land':'DE'}}",
        "{'op':'standardize','path':'/traits/land','as':'country'} | {'traits':{'land':'gbr'}} | {'traits':{'land':'GB'}}",
        "{'op':'standardize','path':'/traits/land','as':'country'} | {'traits':{'land':'Atlantis'}} | {'traits':{'land':'Atlantis'}}",
        "{'op':'standardize','path':'/properties/currency','as':'currency'} | {'properties':{'currency':'eur'}} | {'properties':{'currency':'EUR'}}",
        "{'op':'standardize','path':'/traits/name','as':'name'} | {'traits':{'name':'JEAN-LUC  o’neill'}} | {'traits':{'name':'JEAN-LUC o’neill'}}",
        "{'op':'standardize','path':'/traits/name','as':'name'} | {'traits':{'name':'JEAN-LUC  O’NEILL'}} | {'traits':{'name':'Jean-Luc O’Neill'}}",
        "{'op':'standardize','path':'/traits/birthday','as':'date','formats':['dd.MM.yyyy']} | {'traits':{'birthday':'31.12.1980'}} | {'traits':{'birthday':'1980-12-31'}}",
        "{'op':'standardize','path':'/traits/seen','as':'date','formats':['dd.MM.yyyy HH:mm'],'timeZone':'Europe/Berlin'} | {'traits':{'seen':'01.07.2026 14:00'}} | {'traits':{'seen':'2026-07-01T12:00:00Z'}}",
        "{'op':'standardize','path':'/traits/seen','as':'date'} | {'traits':{'seen':'2026-07-01T14:00:00+02:00'}} | {'traits':{'seen':'2026-07-01T12:00:00Z'}}",
        "{'op':'mask','path':'/traits/email'} | {'traits':{'email':'ada@example.com'}} | {'traits':{'email':'a***@example.com'}}",
        "{'op':'mask','path':'/traits/card'} | {'traits':{'card':4111111111111111}} | {'traits':{'card':'***11'}}",
        "{'op':'mask','path':'/traits/pin'} | {'traits':{'pin':'1234'}} | {'traits':{'pin':'***'}}",
        "{'op':'mask','path':'/traits/address'} | {'traits':{'address':{'street':'Long Street 1','no':[7]}}} | {'traits':{'address':{'street':'*** 1','no':['***']}}}",
        "{'op':'enrich','with':'campaign'} | {'context':{'page':{'url':'https://shop.example/?utm_source=mail&utm_campaign=May%20Sale&x=1#utm_term=no'}}} | {'context':{'page':{'url':'https://shop.example/?utm_source=mail&utm_campaign=May%20Sale&x=1#utm_term=no'},'campaign':{'source':'mail','name':'May Sale'}}}",
        "{'op':'enrich','with':'referrer'} | {'context':{'page':{'referrer':'https://www.google.de/search?q=secret','url':'https://shop.example/'}}} | {'context':{'page':{'referrer':'https://www.google.de/search?q=secret','url':'https://shop.example/'},'referrer':{'host':'www.google.de','kind':'search'}}}",
        "{'op':'enrich','with':'referrer'} | {'context':{'page':{'referrer':'//X.com:80?a/b','url':'https://www.x.com/#//y'}}} | {'context':{'page':{'referrer':'//X.com:80?a/b','url':'https://www.x.com/#//y'},'referrer':{'host':'x.com','kind':'internal'}}}",
        "{'op':'enrich','with':'referrer'} | {'context':{'page':{'referrer':'https://a.example'}},'properties':{'url':'nothing'}} | {'context':{'page':{'referrer':'https://a.example'},'referrer':{'host':'a.example','kind':'other'}},'properties':{'url':'nothing'}}",
        "{'op':'enrich','with':'referrer'} | {'context':{'page':{'referrer':'mailto:ada//x'}}} | {'context':{'page':{'referrer':'mailto:ada//x'}}}",
        "{'op':'enrich','with':'anonymizeIp'} | {'context':{'ip':'203.0.113.77'}} | {'context':{'ip':'203.0.113.0'}}",
        "{'op':'enrich','with':'anonymizeIp'} | {'context':{'ip':'2001:db8:85a3:8d3:1319:8a2e:370:7348'}} | {'context':{'ip':'2001:db8:85a3:0:0:0:0:0'}}",
        "{'op':'enrich','with':'anonymizeIp'} | {'context':{'ip':'ada.example.com'}} | {'context':{}}",
        "{'op':'set','path':'/properties/a','value':1,'types':['identify']} | {'type':'track'} | {'type':'track'}",
        "{'op':'set','path':'/properties/a','value':1,'events':['Order']} | {'type':'track','event':'Order'} | {'type':'track','event':'Order','properties':{'a':1}}",
        "{'op':'set','path':'/properties/a','value':1,'when':'event.properties.b > 3'} | {'properties':{'b':2}} | {'properties':{'b':2}}",
        "{'op':'set','path':'/properties/a','value':1,'when':'event.properties.b > 3'} | {'properties':{'b':4.5}} | {'properties':{'b':4.5,'a':1}}"
      })
  void aStepChangesWhatIsThere(String step, String before, String after) {
    assertThat(after(step, before)).isEqualTo(after);
  }

  @Test
  void aUserAgentIsRead() {
    ObjectNode event =
        event(
            "{'context':{'userAgent':'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
                + " AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36'}}");
    Transformations.of("{'op':'enrich','with':'client'}").apply(event);
    assertThat(event.at("/context/client/browser").asString()).isEqualTo("Chrome");
    assertThat(event.at("/context/client/os").asString()).isEqualTo("Mac OS X");
    assertThat(event.at("/context/client/bot").asBoolean()).isFalse();
    ObjectNode robot =
        event(
            "{'context':{'userAgent':'Mozilla/5.0 (compatible; Googlebot/2.1;"
                + " +http://www.google.com/bot.html)'}}");
    Transformations.of("{'op':'enrich','with':'client'}").apply(robot);
    assertThat(robot.at("/context/client/bot").asBoolean()).isTrue();
  }

  @Test
  void whatWasAndByWhichStepItBecameSomethingElseIsNoted() {
    ObjectNode event = event("{'traits':{'phone':'030 123456','email':'x','land':'DE'}}");
    Transformation.Outcome outcome =
        Transformations.of(
                "{'op':'standardize','path':'/traits/phone','as':'phone','region':'DE'},"
                    + "{'op':'standardize','path':'/traits/email','as':'email'},"
                    + "{'op':'standardize','path':'/traits/land','as':'country'}")
            .apply(event);
    assertThat(note(outcome).toString().replace('"', '\''))
        .isEqualTo(
            "{'version':7,'changed':[{'path':'/traits/phone','op':'standardize','was':'030 123456'}],"
                + "'problems':[{'path':'/traits/email','op':'standardize',"
                + "'problem':'is no e-mail address'}]}");
  }

  @Test
  void aProblemKeepsRemovesOrRefuses() {
    String step = "{'op':'cast','path':'/properties/total','to':'number','onProblem':'%s'}";
    String before = "{'properties':{'total':'much'}}";
    assertThat(after(step.formatted("keep"), before)).isEqualTo(before);
    assertThat(after(step.formatted("remove"), before)).isEqualTo("{'properties':{}}");
    Transformation.Outcome outcome =
        Transformations.of(step.formatted("refuse")).apply(event(before));
    assertThat(outcome.refusals())
        .containsExactly(
            new Refusal("transformation_failed", "properties.total", "is not a number"));
  }

  @Test
  void whatIsNotAllowedIsRefusedAndTakenAway() {
    ObjectNode event = event("{'properties':{'products':[{'card':'4111'},{'card':null}]}}");
    Transformation.Outcome outcome =
        Transformations.of("{'op':'refuse','path':'/properties/products/*/card'}").apply(event);
    assertThat(outcome.refusals())
        .extracting(Refusal::code, Refusal::path)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("field_not_allowed", "properties.products[].card"));
    assertThat(event.toString()).isEqualTo("{\"properties\":{\"products\":[{},{}]}}");
  }

  @Test
  void aHashIsTheSameForTheSameAndTellsNothing() {
    ObjectNode event = event("{'userId':'ada@example.com','traits':{'email':'ada@example.com'}}");
    Transformation.Outcome outcome =
        Transformations.of("{'op':'hash','path':'/userId'},{'op':'hash','path':'/traits/email'}")
            .apply(event);
    assertThat(event.get("userId")).isEqualTo(event.at("/traits/email"));
    assertThat(event.get("userId").asString()).matches("[0-9a-f]{64}");
    assertThat(outcome.note().toString()).isEqualTo("{\"version\":7}");
  }

  @Test
  void aConditionThatCannotBeWorkedOutSparesNothingThatIsToBeWithheld() {
    String when = "'when':'event.properties.consent == true'";
    assertThat(after("{'op':'mask','path':'/traits/pin'," + when + "}", "{'traits':{'pin':'12'}}"))
        .isEqualTo("{'traits':{'pin':'***'}}");
    assertThat(
            after("{'op':'set','path':'/traits/a','value':1," + when + "}", "{'traits':{'b':1}}"))
        .isEqualTo("{'traits':{'b':1}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event.properties.big.map(x, event.properties.big.map(y, y))",
        "event.properties.big.exists(x, event.properties.text.matches('(a+)+$'))",
        "event.properties.text + event.properties.text + event.properties.text",
        "[event.properties.text].map(x, x + x).map(x, x + x).map(x, x + x)[0]",
        "event.properties.text.replace('a', 'aaaaaaaaaa')",
        "event.properties.text.replace('', 'aa')",
        "event.properties.big + event.properties.big",
        "1.0e300 * 1.0",
        "'\\u0000'",
        "event.nothing.at.all",
        "1 / (1 - 1)",
        "event.properties.big[5000]"
      })
  void anExpressionThatFailsOrGrowsIsAProblemAndSoon(String expression) {
    ObjectNode event = Json.MAPPER.createObjectNode();
    ObjectNode properties = event.putObject("properties");
    for (int i = 0; i < 1_000; i++) {
      properties.withArray("/big").add(i);
    }
    properties.put("text", "a".repeat(20_000) + "b");
    String quoted = expression.replace("'", "\\\"");
    Transformation transformation =
        Transformations.of(
            "{'op':'compute','path':'/properties/out','expression':'" + quoted + "'}");
    long began = System.nanoTime();
    Transformation.Outcome outcome = transformation.apply(event);
    assertThat(note(outcome).at("/problems/0/path").asString()).isEqualTo("/properties/out");
    assertThat(event.at("/properties/out").isMissingNode()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void anExpressionWithManyLoopsIsRefused() {
    assertThat(
            Transformations.faults(
                "{'op':'compute','path':'/traits/a','expression':"
                    + "'[1].map(x, x).map(x, x).map(x, x).map(x, x)'}"))
        .containsExactly("steps[0].expression invalid_expression");
  }

  @Test
  void onlyWhatAStepCouldNotBeDoneToIsRemoved() {
    assertThat(
            after(
                "{'op':'cast','path':'/properties/list/*/price','to':'number','onProblem':'remove'},"
                    + "{'op':'cast','path':'/properties/tags/*','to':'number','onProblem':'remove'}",
                "{'properties':{'list':[{'price':'1'},{'price':'x'},{'price':'2'}],"
                    + "'tags':['1','x','2','y']}}"))
        .isEqualTo("{'properties':{'list':[{'price':1},{},{'price':2}],'tags':[1,2]}}");
  }

  @Test
  void whatHasNoPlaceStaysWhereItIs() {
    ObjectNode event = event("{'traits':'text','properties':{'a':1}}");
    Transformation.Outcome outcome =
        Transformations.of(
                "{'op':'move','from':'/properties/a','path':'/traits/a'},"
                    + "{'op':'set','path':'/traits/b','value':1}")
            .apply(event);
    assertThat(event.toString().replace('"', '\''))
        .isEqualTo("{'traits':'text','properties':{'a':1}}");
    assertThat(note(outcome).at("/problems")).hasSize(2);
  }

  @Test
  void whatIsOverwrittenIsNoted() {
    Transformation.Outcome outcome =
        Transformations.of(
                "{'op':'set','path':'/traits/a','value':2},"
                    + "{'op':'move','from':'/traits/b','path':'/traits/c'},"
                    + "{'op':'rename','path':'/traits/d','to':'e'}")
            .apply(event("{'traits':{'a':1,'b':2,'c':3,'d':4,'e':5}}"));
    assertThat(note(outcome).at("/changed").valueStream().map(each -> each.at("/was").asString()))
        .containsExactly("1", "3", "5");
  }

  @Test
  void aFilterSparesNothingThatIsToBeWithheldOfAnEventWithoutTypeOrName() {
    String step = "{'op':'remove','path':'/properties/card','types':['track'],'events':['Order']}";
    assertThat(after(step, "{'type':'trak','properties':{'card':1}}"))
        .isEqualTo("{'type':'trak','properties':{}}");
    assertThat(after(step, "{'type':'track','properties':{'card':1}}"))
        .isEqualTo("{'type':'track','properties':{}}");
    assertThat(after(step, "{'type':'page','properties':{'card':1}}"))
        .isEqualTo("{'type':'page','properties':{'card':1}}");
  }

  @Test
  void whatIsStoredIsReadAgainAsItWas() {
    String steps =
        "{'op':'set','path':'/traits/a','value':null},{'op':'remove','path':'/traits/a'},"
            + "{'op':'move','path':'/traits/b','from':'/traits/a'},"
            + "{'op':'rename','path':'/traits/a','to':'b'},"
            + "{'op':'cast','path':'/traits/a','to':'string','onProblem':'remove'},"
            + "{'op':'translate','path':'/traits/a','values':{'x':null}},"
            + "{'op':'translate','path':'/traits/a','values':{'x':1},'otherwise':null},"
            + "{'op':'compute','path':'/traits/a','expression':'1','when':'true'},"
            + "{'op':'standardize','path':'/traits/a','as':'date','formats':['dd.MM.yyyy']},"
            + "{'op':'mask','path':'/traits/a'},{'op':'hash','path':'/traits/a'},"
            + "{'op':'refuse','path':'/traits/a','types':['track']},{'op':'enrich','with':'client'}";
    TransformationDocument read =
        Json.MAPPER.readValue(
            ("{'steps':[" + steps + "]}").replace('\'', '"'), TransformationDocument.class);
    String stored = Json.MAPPER.writeValueAsString(read);
    String again = stored.substring(stored.indexOf('[') + 1, stored.lastIndexOf(']'));
    assertThat(Transformations.faults(again)).isEmpty();
    assertThat(again).isEqualTo(steps.replace('\'', '"'));
  }

  @Test
  void allThatIsWrongWithStepsIsSaidAtOnce() {
    assertThat(
            Transformations.faults(
                "{'op':'frobnicate','path':'/a'},{'path':'/traits/a'},"
                    + "{'op':'remove','path':'/messageId'},{'op':'remove','path':'traits'},"
                    + "{'op':'remove','path':'/traits/a','value':1},"
                    + "{'op':'move','from':'/traits/*','path':'/traits/b'},"
                    + "{'op':'compute','path':'/traits/a','expression':'1 +'},"
                    + "{'op':'compute','path':'/traits/a','expression':'system()'},"
                    + "{'op':'standardize','path':'/traits/a','as':'phone','region':'XX'},"
                    + "{'op':'standardize','path':'/traits/a','as':'date','formats':['foo bar'],"
                    + "'timeZone':'Moon'},"
                    + "{'op':'cast','path':'/traits/a','to':'date'},"
                    + "{'op':'enrich','with':'magic'},{'op':'rename','path':'/userId','to':'x'},"
                    + "{'op':'mask','path':'/traits/a','types':['click'],'when':'nope',"
                    + "'onProblem':'ignore'},null"))
        .containsExactly(
            "steps[0].op invalid_value",
            "steps[1].op required",
            "steps[2].path not_editable",
            "steps[3].path invalid",
            "steps[4].value not_allowed",
            "steps[5].from invalid",
            "steps[6].expression invalid_expression",
            "steps[7].expression invalid_expression",
            "steps[8].region invalid_value",
            "steps[9].formats[0] invalid",
            "steps[9].timeZone invalid_value",
            "steps[10].to invalid_value",
            "steps[11].with invalid_value",
            "steps[12].path invalid",
            "steps[13].types invalid_value",
            "steps[13].when invalid_expression",
            "steps[13].onProblem invalid_value",
            "steps[14] required");
    String step = "{'op':'remove','path':'/traits/a'}";
    List<String> many = Stream.generate(() -> step).limit(51).toList();
    assertThat(Transformations.faults(String.join(",", many))).containsExactly("steps too_many");
  }
}
