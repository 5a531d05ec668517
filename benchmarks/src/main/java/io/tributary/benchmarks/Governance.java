package io.tributary.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a tracking plan, three steps and the enrichments of a source cost at full speed. */
final class Governance {
  /** Three steps, and all enrichments that need no file. */
  static final String STEPS =
      """
      {"steps": [
        {"op": "standardize", "path": "/traits/email", "as": "email"},
        {"op": "cast", "path": "/properties/revenue", "to": "number"},
        {"op": "compute", "path": "/properties/net", "events": ["Order Completed"],
         "expression": "double(event.properties.revenue) / 1.19"},
        {"op": "enrich", "with": "campaign"}, {"op": "enrich", "with": "referrer"},
        {"op": "enrich", "with": "client"}, {"op": "enrich", "with": "anonymizeIp"}]}
      """;

  /** A tracking plan. */
  static final String PLAN =
      """
      {"events": [
        {"event": "Order Completed", "schema": {"properties": {"revenue": {"type": "number", "minimum": 0},
          "currency": {"type": "string"}, "products": {"type": "array"}}}},
        {"type": "identify", "schema": {"properties": {"email": {"type": "string"}}}},
        {"type": "page", "schema": {"properties": {"path": {"type": "string"}}}}]}
      """;

  private static final String PHASE = "governed";
  private static final int ROUNDS = 2;

  private final Api api;
  private final Report report;

  Governance(Api api, Report report) {
    this.api = api;
    this.report = report;
  }

  /** A source with all of it. */
  Target governed(Target target) throws IOException, InterruptedException {
    JsonNode source =
        api.send("POST", "/api/v1/sources", "{\"name\": \"Governed\", \"kind\": \"server\"}");
    String id = source.path("id").asString();
    ObjectNode plan = (ObjectNode) Target.JSON.readTree(PLAN);
    String planId =
        api.send("POST", "/api/v1/tracking-plans", plan.put("name", "Bench").toString())
            .path("id")
            .asString();
    api.send("PUT", "/api/v1/tracking-plans/" + planId + "/sources/" + id, "");
    api.send("PUT", "/api/v1/sources/" + id + "/transformation", STEPS, "If-Match", "\"0\"");
    return target.withKey(source.findValue("key").asString());
  }

  /**
   * Runs without and with it by turns.
   *
   * @param rate measures a source: events a second through all stages
   */
  void run(Target plain, Function<Target, Double> rate) throws IOException, InterruptedException {
    Target governed = governed(plain);
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    // The store grows meanwhile, and checkpoints come when they come: that's neither's fault.
    for (int i = 0; i < ROUNDS; i++) {
      without.add(rate.apply(plain));
      with.add(rate.apply(governed));
      with.add(rate.apply(governed));
      without.add(rate.apply(plain));
    }
    double base = mean(without);
    report.figure(PHASE, "events through all stages, without", base, "events/s");
    report.figure(PHASE, "with a plan, three steps and four enrichments", mean(with), "events/s");
    report.figure(PHASE, "of the rate without", 100 * mean(with) / base, "%");
    tell("without, turn by turn", without);
    tell("with, turn by turn", with);
  }

  /** So that one sees how far the turns of one kind lie apart. */
  private void tell(String how, List<Double> rates) {
    for (double each : rates) {
      report.figure(PHASE, how, each, "events/s");
    }
  }

  private static double mean(List<Double> rates) {
    return rates.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
