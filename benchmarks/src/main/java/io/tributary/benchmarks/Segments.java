package io.tributary.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/** The active segments: counts in a window, traits, both, absence, and a segment of segments. */
final class Segments {
  /** Whoever did this once is in the segment whose latency is measured. */
  static final String PROBE = "Bench Probe";

  private static final int READY_SECONDS = 120;
  private static final List<String> TRACKED =
      List.of(
          "Order Completed", "Product Added", "Cart Viewed", "Products Searched", "Article Read");

  private Segments() {}

  /**
   * Creates them and waits until all are ready.
   *
   * @return their ids; the first is that of the probe
   */
  static List<String> create(Api api, int count) throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ObjectNode body = Target.JSON.createObjectNode();
      body.put("name", "Bench " + i);
      body.set("condition", Target.JSON.readTree(condition(i, ids)));
      ids.add(api.send("POST", "/api/v1/segments", body.toString()).path("id").asString());
    }
    for (String id : ids) {
      ready(api, id);
    }
    return List.copyOf(ids);
  }

  private static void ready(Api api, String id) throws IOException, InterruptedException {
    for (int i = 0; i < READY_SECONDS * 10; i++) {
      if (api.get("/api/v1/segments/" + id).path("state").asString("").equals("ready")) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IOException("segment " + id + " isn't ready after " + READY_SECONDS + " s");
  }

  private static String condition(int i, List<String> before) {
    if (i == 0) {
      return "{'type':'event','event':'%s','performed':true}".formatted(PROBE).replace('\'', '"');
    }
    String event = TRACKED.get(i / 5 % TRACKED.size());
    String country = i % 2 == 0 ? "DE" : "FR";
    String text =
        switch (i % 6) {
          case 0 -> "{'type':'segment','segmentId':'" + before.get(i - 5) + "','member':false}";
          case 1 ->
              "{'type':'event','event':'%s','count':{'operator':'at_least','value':%d},'within':{'days':30}}"
                  .formatted(event, 2 + i / 6);
          case 2 ->
              "{'type':'trait','trait':'plan','operator':'equals','value':'%s'}"
                  .formatted(i < 10 ? "gold" : "plat");
          case 3 ->
              ("{'type':'and','conditions':[{'type':'trait','trait':'country','operator':'equals','value':'%s'},"
                      + "{'type':'event','event':'%s','performed':true,'within':{'days':7},"
                      + "'where':[{'property':'revenue','operator':'greater_than','value':%d}]}]}")
                  .formatted(country, event, 1_100 + 100 * i % 800);
          case 4 ->
              "{'type':'event','event':'%s','performed':false,'within':{'days':%d}}"
                  .formatted(event, 1 + i);
          default ->
              ("{'type':'or','conditions':[{'type':'trait','trait':'age','operator':'at_least','value':%d},"
                      + "{'type':'event','eventType':'page','count':{'operator':'at_least','value':%d},'within':{'days':1}}]}")
                  .formatted(60 + i, i);
        };
    return text.replace('\'', '"');
  }
}
