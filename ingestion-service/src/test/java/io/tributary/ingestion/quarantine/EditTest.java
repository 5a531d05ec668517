package io.tributary.ingestion.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.ingestion.transform.Op;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Edits of events, read from a request and made. */
class EditTest {
  private static List<QuarantineEndpoint.EditBody> bodies(String json) {
    return List.of(
        Json.MAPPER.readValue(json.replace('\'', '"'), QuarantineEndpoint.EditBody[].class));
  }

  private static List<Op> edits(String json) {
    Faults faults = new Faults();
    List<Op> edits = Edits.read(bodies(json), faults);
    assertThat(faults.list()).isEmpty();
    return edits;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'op':'set','path':'/a/b','value':1}        | {}                | {'a':{'b':1}}",
        "{'op':'set','path':'/a','value':null}       | {'a':1}           | {'a':null}",
        "{'op':'set','path':'/a/b','value':1}        | {'a':'text'}      | {'a':'text'}",
        "{'op':'set','path':'/a/1','value':9}        | {'a':[1,2]}       | {'a':[1,9]}",
        "{'op':'set','path':'/a/2','value':9}        | {'a':[1,2]}       | {'a':[1,2]}",
        "{'op':'set','path':'/a/-','value':9}        | {'a':[1,2]}       | {'a':[1,2]}",
        "{'op':'set','path':'/a~1b','value':1}       | {}                | {'a/b':1}",
        "{'op':'remove','path':'/a/b'}               | {'a':{'b':1,'c':2}} | {'a':{'c':2}}",
        "{'op':'remove','path':'/a/b'}               | {'a':7}           | {'a':7}",
        "{'op':'remove','path':'/a/b/c'}             | {}                | {}",
        "{'op':'remove','path':'/a/0'}               | {'a':[1,2]}       | {'a':[2]}",
        "{'op':'move','from':'/a','path':'/b/c'}     | {'a':1}           | {'b':{'c':1}}",
        "{'op':'move','from':'/a','path':'/a/b'}     | {'a':1}           | {'a':{'b':1}}",
        "{'op':'move','from':'/x','path':'/b'}       | {'b':1}           | {'b':1}",
        "{'op':'cast','path':'/a','to':'number'}     | {'a':' 12.50 '}   | {'a':12.50}",
        "{'op':'cast','path':'/a','to':'number'}     | {'a':'12,5'}      | {'a':'12,5'}",
        "{'op':'cast','path':'/a','to':'number'}     | {'a':'1e999999'}  | {'a':'1e999999'}",
        "{'op':'cast','path':'/a','to':'number'}     | {'a':''}          | {'a':''}",
        "{'op':'cast','path':'/a','to':'number'}     | {'a':true}        | {'a':true}",
        "{'op':'cast','path':'/a','to':'string'}     | {'a':7}           | {'a':'7'}",
        "{'op':'cast','path':'/a','to':'string'}     | {'a':{'b':1}}     | {'a':{'b':1}}",
        "{'op':'cast','path':'/a','to':'boolean'}    | {'a':'TRUE'}      | {'a':true}",
        "{'op':'cast','path':'/a','to':'boolean'}    | {'a':'yes'}       | {'a':'yes'}",
        "{'op':'cast','path':'/a/b','to':'number'}   | {}                | {}"
      })
  void anEditChangesWhatIsThere(String edit, String before, String after) {
    ObjectNode event = (ObjectNode) Json.MAPPER.readTree(before.replace('\'', '"'));
    Op.apply(edits("[" + edit + "]"), event);
    assertThat(event.toString()).isEqualTo(after.replace('\'', '"'));
  }

  @Test
  void eachEventGetsAValueOfItsOwn() {
    List<Op> edits =
        edits("[{'op':'set','path':'/a','value':{}},{'op':'set','path':'/a/b','value':1}]");
    ObjectNode first = Json.MAPPER.createObjectNode();
    Op.apply(edits, first);
    Op.apply(List.of(edits.getFirst()), first);
    assertThat(first.toString()).isEqualTo("{\"a\":{}}");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    Faults faults = new Faults();
    List<QuarantineEndpoint.EditBody> bodies =
        Stream.concat(
                bodies(
                    """
                    [{'op':'set','path':'/a'}, {'op':'set','value':1}, {'op':'move','path':'/a'},
                     {'op':'cast','path':'/a','to':'date'}, {'op':'drop','path':'/a'}, {},
                     {'op':'remove','path':'a'}, {'op':'remove','path':''},
                     {'op':'set','path':'/messageId','value':'m'},
                     {'op':'move','from':'/messageId','path':'/a'},
                     {'op':'set','path':'/messageId/x','value':'m'}]
                    """)
                    .stream(),
                Stream.generate(() -> bodies("[{'op':'remove','path':'/a'}]").getFirst()).limit(10))
            .toList();
    assertThat(Edits.read(bodies, faults)).hasSize(9);
    assertThat(faults.list().stream().map(Problem.Fault::path))
        .containsExactly(
            "edits",
            "edits[0].value",
            "edits[1].path",
            "edits[2].from",
            "edits[3].to",
            "edits[4].op",
            "edits[5].path",
            "edits[5].op",
            "edits[6].path",
            "edits[7].path",
            "edits[8].path",
            "edits[9].from",
            "edits[10].path");
    assertThat(Objects.requireNonNull(faults.list().getLast()).code()).isEqualTo("not_editable");
  }
}
