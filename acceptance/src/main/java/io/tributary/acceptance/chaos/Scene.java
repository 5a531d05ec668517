package io.tributary.acceptance.chaos;

import io.tributary.demo.Api;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * The segments and campaigns of a run.
 *
 * @param segments ids by name
 * @param campaigns ids by name
 * @param since when each campaign had been started, by name
 */
record Scene(
    Map<String, String> segments, Map<String, String> campaigns, Map<String, Instant> since) {
  static final String OFTEN = "often";
  static final String LATELY = "lately";
  static final String GOLD = "gold";
  static final String NEVER = "never";
  static final String MIXED = "mixed";
  static final String RECEIPT = "receipt";
  static final String PARCEL = "parcel";
  static final String WELCOME = "welcome";

  /** The window of {@link #LATELY}. */
  static final Duration WINDOW = Duration.ofSeconds(20);

  /** How many orders make somebody a member of {@link #OFTEN}. */
  static final int ORDERS = 5;

  private static final Duration READY = Duration.ofSeconds(60);

  /** Makes all of them in a product that runs well. */
  static Scene make(Target target, String hookUrl, Clock clock)
      throws IOException, InterruptedException {
    Api api = target.api();
    Map<String, String> segments = new LinkedHashMap<>();
    segments.put(
        OFTEN,
        segment(
            api,
            OFTEN,
            "{'type':'event','event':'Ordered','count':{'operator':'at_least','value':%d}}"
                .formatted(ORDERS)));
    segments.put(
        LATELY,
        segment(
            api,
            LATELY,
            "{'type':'event','event':'Pinged','performed':true,'within':{'seconds':%d}}"
                .formatted(WINDOW.toSeconds())));
    segments.put(
        GOLD,
        segment(api, GOLD, "{'type':'trait','trait':'plan','operator':'equals','value':'gold'}"));
    segments.put(
        NEVER, segment(api, NEVER, "{'type':'event','event':'Ordered','performed':false}"));
    segments.put(
        MIXED,
        segment(
            api,
            MIXED,
            "{'type':'and','conditions':[{'type':'segment','segmentId':'%s','member':false},{'type':'event','event':'Visited','count':{'operator':'at_least','value':2},'within':{'days':1}}]}"
                .formatted(segments.get(OFTEN))));
    Map<String, String> campaigns = new LinkedHashMap<>();
    campaigns.put(
        RECEIPT,
        campaign(
            api,
            RECEIPT,
            "{'type':'event','event':'Bought'}",
            "{'type':'email','from':'till@chaos.example','subject':'{{ event.properties.order }}','html':'<p>Thanks</p>','text':'Thanks'}"));
    campaigns.put(
        PARCEL,
        campaign(
            api,
            PARCEL,
            "{'type':'event','event':'Shipped'}",
            hook(hookUrl, "{{ event.properties.order }}")));
    campaigns.put(
        WELCOME,
        campaign(
            api,
            WELCOME,
            "{'type':'segment_entered','segmentId':'%s'}".formatted(segments.get(LATELY)),
            hook(hookUrl, "{{ profile.id }}")));
    Map<String, Instant> since = new LinkedHashMap<>();
    campaigns.keySet().forEach(name -> since.put(name, clock.instant()));
    return new Scene(segments, campaigns, since);
  }

  private static String hook(String url, String order) {
    return "{'type':'webhook','url':'%s','body':'{\\\"order\\\": \\\"%s\\\"}'}"
        .formatted(url, order);
  }

  private static String segment(Api api, String name, String condition)
      throws IOException, InterruptedException {
    ObjectNode body = Api.MAPPER.createObjectNode().put("name", name);
    body.set("condition", Api.MAPPER.readTree(condition.replace('\'', '"')));
    String id = api.post("/api/v1/segments", body).path("id").asString();
    long end = System.nanoTime() + READY.toNanos();
    while (!api.get("/api/v1/segments/" + id).path("state").asString("").equals("ready")) {
      if (System.nanoTime() > end) {
        throw new IOException("segment " + name + " isn't ready after " + READY);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return id;
  }

  private static String campaign(Api api, String name, String trigger, String channel)
      throws IOException, InterruptedException {
    ObjectNode body = Api.MAPPER.createObjectNode().put("name", name);
    body.set("trigger", Api.MAPPER.readTree(trigger.replace('\'', '"')));
    body.set("channel", Api.MAPPER.readTree(channel.replace('\'', '"')));
    String id = api.post("/api/v1/campaigns", body).path("id").asString();
    api.post("/api/v1/campaigns/" + id + "/start");
    return id;
  }
}
