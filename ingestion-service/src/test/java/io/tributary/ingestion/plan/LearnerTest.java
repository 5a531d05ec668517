package io.tributary.ingestion.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.event.Json;
import io.tributary.event.RawJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Plans drawn up from events. */
class LearnerTest {
  private static RawJson json(String text) {
    return RawJson.of(text.replace('\'', '"'));
  }

  private static String schema(Learner learner, int event) {
    return String.valueOf(
            Objects.requireNonNull(
                    Objects.requireNonNull(learner.draft().plan().events()).get(event))
                .schema())
        .replace('"', '\'');
  }

  private static Learner.Field field(Learner learner, String path) {
    return learner.draft().fields().stream()
        .filter(field -> field.path().equals(path))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsAlwaysThereIsRequiredAndFewTextsAreAChoice() {
    Learner learner = new Learner();
    for (int i = 0; i < 100; i++) {
      learner.see(
          EventType.TRACK,
          "Order",
          json(
              "{'total':%s,'currency':'%s','id':'o-%d'%s,'items':[{'sku':'s%d','qty':%d}]}"
                  .formatted(
                      i % 2 == 0 ? "12.5" : "7",
                      i % 3 == 0 ? "EUR" : "USD",
                      i,
                      i % 4 == 0 ? ",'coupon':null" : ",'coupon':'c" + i + "'",
                      i,
                      i - 50)));
    }
    assertThat(schema(learner, 0))
        .isEqualTo(
            "{'type':'object','properties':{'coupon':{'type':['null','string']},"
                + "'currency':{'type':'string','enum':['EUR','USD']},'id':{'type':'string'},"
                + "'items':{'type':'array','items':{'type':'object','properties':{'qty':{'type':'integer'},"
                + "'sku':{'type':'string'}},'required':['qty','sku']}},'total':{'type':'number','minimum':0}},"
                + "'required':['coupon','currency','id','items','total']}");
    assertThat(field(learner, "properties.items[].qty").min()).isEqualTo("-50");
    assertThat(field(learner, "properties.total").max()).isEqualTo("12.5");
    assertThat(field(learner, "properties.currency").values()).containsExactly("EUR", "USD");
    assertThat(field(learner, "properties.currency").personal()).isFalse();
  }

  @Test
  void peoplesDataAreNamedAndNeverListed() {
    Learner learner = new Learner();
    for (int i = 0; i < 60; i++) {
      learner.see(
          EventType.IDENTIFY,
          null,
          json(
              "{'login':'%s@example.com','lastName':'Doe','call':'+49 30 1234567','plan':'gold','contact':{'eMail':1}}"
                  .formatted(i % 2 == 0 ? "ada" : "bob")));
    }
    for (String path : List.of("login", "lastName", "call", "contact.eMail")) {
      Learner.Field found = field(learner, "traits." + path);
      assertThat(found.personal()).as(path).isTrue();
      assertThat(found.values()).as(path).isEmpty();
    }
    assertThat(field(learner, "traits.plan").values()).containsExactly("gold");
    assertThat(learner.draft().toString()).doesNotContain("ada@", "Doe", "1234567");
  }

  @Test
  void fewSightingsPromiseNothing() {
    Learner learner = new Learner();
    for (int i = 0; i < 10; i++) {
      learner.see(EventType.PAGE, null, json("{'plan':'gold','n':1}"));
    }
    learner.see(EventType.PAGE, null, null);
    assertThat(schema(learner, 0))
        .isEqualTo(
            "{'type':'object','properties':{'n':{'type':'integer'},'plan':{'type':'string'}}}");
    assertThat(field(learner, "properties.n").share()).isEqualTo(10 / 11.0);
  }

  /** Whatever was seen keeps to the plan that is drawn up from it, and the plan is a good one. */
  @Test
  void everythingSeenKeepsToThePlan() {
    long seed = Long.getLong("tributary.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      List<RawJson> seen = new ArrayList<>();
      Learner learner = new Learner();
      int events = 1 + random.nextInt(200);
      for (int i = 0; i < events; i++) {
        RawJson properties = RawJson.of(object(random, 0).toString());
        seen.add(properties);
        learner.see(EventType.TRACK, "E" + random.nextInt(3), properties);
        learner.see(EventType.GROUP, null, properties);
      }
      Compiled compiled = PlanCompiler.compile("pln_1", 1, learner.draft().plan());
      assertThat(compiled).as("seed %s", seed).isInstanceOf(Compiled.Valid.class);
      Plan plan = ((Compiled.Valid) compiled).plan();
      for (RawJson properties : seen) {
        assertThat(plan.check(EventType.GROUP, null, properties).orElseThrow().violations())
            .as("seed %s: %s", seed, properties)
            .isEmpty();
      }
    }
  }

  @Test
  void thePlanStaysSmallWhateverIsSeen() {
    Random random = new Random(7);
    Learner learner = new Learner();
    for (int i = 0; i < 3_000; i++) {
      ObjectNode wide = Json.MAPPER.createObjectNode();
      for (int j = 0; j < 30; j++) {
        wide.put("x".repeat(60) + random.nextInt(100_000), "v".repeat(30) + random.nextInt(3));
      }
      learner.see(EventType.TRACK, "E" + random.nextInt(500), RawJson.of(wide.toString()));
    }
    Learner.Draft draft = learner.draft();
    assertThat(draft.fields().size()).isLessThanOrEqualTo(6_000);
    assertThat(PlanCompiler.compile("pln_1", 1, draft.plan())).isInstanceOf(Compiled.Valid.class);
  }

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    for (int i = random.nextInt(6); i > 0; i--) {
      String name = List.of("a", "$ref", "b.c", "total", "é", "x y").get(random.nextInt(6));
      switch (random.nextInt(depth > 6 ? 5 : 7)) {
        case 0 -> object.put(name, random.nextInt(-5, 5));
        case 1 -> object.put(name, "t" + random.nextInt(4));
        case 2 -> object.put(name, random.nextBoolean());
        case 3 -> object.putNull(name);
        case 4 ->
            object.putRawValue(
                name,
                new RawValue(
                    List.of("1e400", "-0.0", "1.0", "3", "9".repeat(300)).get(random.nextInt(5))));
        case 5 -> object.set(name, object(random, depth + 1));
        default -> {
          ArrayNode list = object.putArray(name);
          for (int j = random.nextInt(3); j > 0; j--) {
            list.add(object(random, depth + 1));
            list.add("t");
          }
        }
      }
    }
    return object;
  }
}
