package io.tributary.ingestion.accept;

import static io.tributary.ingestion.accept.AcceptCases.json;
import static io.tributary.ingestion.accept.AcceptCases.judge;
import static io.tributary.ingestion.accept.AcceptCases.stored;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingestion.plan.Plan;
import io.tributary.ingestion.plan.Plans;
import io.tributary.ingestion.plan.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Events of a source with a tracking plan. */
class PlannedTest {
  private static final Plan PLAN =
      Plans.plan(
          "{'event':'Strict','schema':{'required':['a'],'properties':{'a':{'type':'string'},"
              + "'b':{'type':'number'}}},'onViolation':'quarantine'},"
              + "{'event':'Lenient','schema':{'properties':{'a':{'type':'string'}}}},"
              + "{'type':'identify','schema':{'properties':{'age':{'type':'integer'}}},"
              + "'onViolation':'omit'}",
          "quarantine");
  private static final Source PLANNED = new Source("ws_1", "src_1", false, PLAN);

  private static Verdict planned(String event) {
    return judge(json("{'batch':[" + event + "]}"), Call.BATCH, PLANNED).getFirst();
  }

  private static List<String> reasons(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Rejected.class);
    return ((Verdict.Rejected) verdict)
        .reasons().stream().map(reason -> reason.code() + " " + reason.path()).toList();
  }

  @Test
  void anAcceptedEventSaysByWhichVersionItWasChecked() {
    Verdict verdict =
        planned("{'type':'track','userId':'u','event':'Strict','properties':{'a':'x'}}");
    assertThat(stored(verdict).get("trackingPlan").toString())
        .isEqualTo("{\"id\":\"pln_1\",\"version\":3}");
    assertThat(verdict.violations()).isEmpty();
  }

  @Test
  void aViolationThatIsAllowedIsReportedAndTheEventStaysAsItIs() {
    Verdict verdict =
        planned("{'type':'track','userId':'u','event':'Lenient','properties':{'a':1.10}}");
    assertThat(stored(verdict).get("properties").toString()).isEqualTo("{\"a\":1.1}");
    assertThat(verdict.violations()).extracting(Violation::field).containsExactly("properties.a");
  }

  @Test
  void whatIsOmittedIsNoLongerInTheEventWhichSaysSo() {
    Verdict verdict =
        planned("{'type':'identify','userId':'u','traits':{'age':'old','plan':'gold'}}");
    JsonNode event = stored(verdict);
    assertThat(event.get("traits").toString()).isEqualTo("{\"plan\":\"gold\"}");
    assertThat(event.at("/trackingPlan/omitted").toString()).isEqualTo("[\"traits.age\"]");
    assertThat(verdict.violations()).hasSize(1);
  }

  @Test
  void aRefusedEventHasAllReasonsThoseOfThePlanAndTheOthers() {
    Verdict verdict =
        planned("{'type':'track','event':'Strict','properties':{'b':'x'},'timestamp':'soon'}");
    assertThat(reasons(verdict))
        .containsExactlyInAnyOrder(
            "no_user_anon_id userId",
            "invalid_time timestamp",
            "plan_required properties.a",
            "plan_type properties.b");
    assertThat(verdict.violations()).hasSize(2);
    assertThat(reasons(planned("{'type':'track','userId':'u','event':'Odd'}")))
        .containsExactly("plan_unplanned_event event");
  }

  @Test
  void whatIsNoObjectOrBrokenTextIsNotLookedInto() {
    assertThat(reasons(planned("{'type':'track','userId':'u','event':'Strict','properties':7}")))
        .containsExactly("wrong_type properties");
    Verdict broken =
        planned(
            "{'type':'track','userId':'u','event':'Strict','properties':{'a\\u0000':'\\ud800'}}");
    assertThat(reasons(broken)).noneMatch(reason -> reason.startsWith("plan_"));
    assertThat(broken.violations()).isEmpty();
  }

  @Test
  void aSenderCantSayThatItsEventsWereChecked() {
    String claims = "{'type':'page','userId':'u','trackingPlan':{'id':'pln_x','version':9}}";
    assertThat(stored(planned(claims)).has("trackingPlan")).isFalse();
    assertThat(AcceptCases.accepted(claims).has("trackingPlan")).isFalse();
  }

  @Test
  void anEmptyListOfPropertiesCountsAsAnEmptyObject() {
    assertThat(reasons(planned("{'type':'track','userId':'u','event':'Strict','properties':[]}")))
        .containsExactly("plan_required properties.a");
  }
}
