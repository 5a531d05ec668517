package io.tributary.ingestion.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Ids;
import io.tributary.event.Json;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.event.SegmentChange.Crossing;
import io.tributary.event.Topics;
import io.tributary.ingestion.postgres.PostgresServer;
import io.tributary.webhook.WebhookTargets;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Destinations that are tables of another Postgres. */
@Timeout(180)
class TablesTest extends Scene {
  private static final String LOGIN_REFUSED = "sql_28";

  private static JdbcClient other() {
    return JdbcClient.create(tables.dataSource());
  }

  private static long count(String from) {
    return other().sql("select count(*) from " + from).query(Long.class).single();
  }

  private static URI address() {
    return URI.create(tables.url().substring(5));
  }

  private static ObjectNode definition(String schema, String... sends) {
    ObjectNode body =
        Json.MAPPER.createObjectNode().put("name", "To " + schema).put("kind", "postgres");
    body.putObject("postgres")
        .put("host", address().getHost())
        .put("port", address().getPort())
        .put("database", address().getPath().substring(1))
        .put("schema", schema)
        .put("user", tables.user())
        .put("password", tables.password())
        .put("tls", "off");
    List.of(sends).forEach(body.withArray("sends")::add);
    return body;
  }

  private static String created(String schema, String... sends) {
    return call("POST", "", definition(schema, sends).toString(), 201).path("id").asString();
  }

  private static void delivered(String id, int count) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/delivered").asInt()).isEqualTo(count));
  }

  @Test
  void whatHappensIsInTheTablesAndEachThingOnce() {
    String id = created("once", "events", "profiles", "segments");
    List<ProfileId> people = IntStream.range(0, 30).mapToObj(i -> somebody()).toList();
    for (int i = 0; i < 600; i++) {
      event(people.get(i % 30), "Once " + i / 30, "{'total': 12.50, 'n': " + i + "}");
    }
    people.forEach(this::identify);
    people.forEach(each -> crossing(each, "seg_once"));
    people.subList(0, 10).forEach(each -> crossing(each, "seg_once", Crossing.EXITED, NOW));
    JsonNode total = counted(id, 600 + 30 + 30 + 30 + 10);
    delivered(id, total.path("received").asInt());
    assertThat(count("once.events where type = 'track'")).isEqualTo(600);
    assertThat(count("once.events")).isEqualTo(630);
    assertThat(count("once.events where properties ->> 'total' = '12.50'")).isEqualTo(600);
    assertThat(count("once.profiles where traits ->> 'plan' = 'pro' and profile_id = canonical_id"))
        .isEqualTo(30);
    assertThat(count("once.segment_changes")).isEqualTo(40);
    assertThat(count("once.segment_members")).isEqualTo(20);
    // As after a crash before anything was noted, only more of it.
    again(id);
    assertThat(count("once.events where type = 'track' and event like 'Once %'")).isEqualTo(600);
    assertThat(count("once.segment_changes where segment_id = 'seg_once'")).isEqualTo(40);
    assertThat(count("once.segment_members where segment_id = 'seg_once'")).isEqualTo(20);
    // And into tables that were emptied.
    other()
        .sql("truncate once.events, once.profiles, once.segment_changes, once.segment_members")
        .update();
    again(id);
    assertThat(count("once.events where type = 'track' and event like 'Once %'")).isEqualTo(600);
    assertThat(count("once.segment_changes where segment_id = 'seg_once'")).isEqualTo(40);
    assertThat(count("once.segment_members where segment_id = 'seg_once'")).isEqualTo(20);
    assertThat(count("once.profiles where traits ->> 'plan' = 'pro'")).isGreaterThanOrEqualTo(30);
  }

  /** Has all be told again from the beginning. */
  private static void again(String id) {
    long before = read(id).at("/total/received").asLong();
    call("POST", "/" + id + "/backfill", "{'from': 'beginning'}", 202);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(read(id).at("/total/received").asLong()).isGreaterThanOrEqualTo(before + 700);
          assertThat(read(id).path("lag").asInt()).isZero();
          assertThat(read(id).at("/total/retrying").asInt()).isZero();
        });
  }

  @Test
  void whoIsErasedIsGoneFromTheTables() {
    // Also where nobody has asked to be told of it.
    String id = created("erasing", "events", "segments", "profiles");
    ProfileId jo = somebody();
    ProfileId al = somebody();
    for (ProfileId each : List.of(jo, al)) {
      event(each, "A", "{}");
      identify(each);
      crossing(each, "seg_a");
    }
    delivered(id, 8);
    People.block(jo, "erased");
    erase(jo);
    delivered(id, 9);
    for (String table : List.of("events", "profiles", "segment_changes", "segment_members")) {
      assertThat(count("erasing." + table + " where profile_id = '" + jo + "'")).isZero();
      assertThat(count("erasing." + table + " where profile_id = '" + al + "'")).isPositive();
    }
  }

  @Test
  void anEventGoesWithTheProfileThatItCameTo() {
    String id = created("homes", "events");
    ProfileId jo = somebody();
    ProfileId guest = somebody();
    event(jo, guest, "While they were one");
    event(jo, "Jo's own", "{}");
    delivered(id, 2);
    // They were split since; who is erased takes only their own along.
    People.block(jo, "erased");
    erase(jo);
    delivered(id, 3);
    assertThat(count("homes.events where event = 'While they were one'")).isEqualTo(1);
    assertThat(count("homes.events")).isEqualTo(1);
    erase(guest);
    delivered(id, 4);
    assertThat(count("homes.events")).isZero();
  }

  @Test
  void anErasureThatIsNotPossibleIsTriedUntilItIs() {
    String id = created("kept", "events");
    ProfileId jo = somebody();
    event(jo, "A", "{}");
    delivered(id, 1);
    other().sql("create table kept.mine (message_id text references kept.events)").update();
    other().sql("insert into kept.mine select message_id from kept.events").update();
    People.block(jo, "erased");
    erase(jo);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(read(id).path("lastFailure").asString()).isEqualTo("sql_23503"));
    assertThat(read(id).at("/total/failed").asInt()).isZero();
    other().sql("drop table kept.mine").update();
    delivered(id, 2);
    assertThat(count("kept.events")).isZero();
  }

  @Test
  void profilesPointToThePersonThatTheyArePartOfNow() {
    String id = created("merging", "profiles");
    ProfileId ann = somebody();
    ProfileId jo = somebody();
    ProfileId guest = somebody();
    identify(ann);
    identify(jo);
    identify(guest);
    delivered(id, 3);
    // The guest becomes part of Jo, and Jo of Ann; only links of the first of them are told.
    People.link(guest, ann);
    People.link(jo, ann, jo, guest);
    relink(jo, ann, jo, 1);
    points(Map.of(ann, ann, jo, ann, guest, ann));
    assertThat(count("merging.profiles where traits = '{}'")).isEqualTo(2);
    // Jo leaves again and takes the guest along; that is told before what came before it.
    People.link(jo, jo, guest);
    People.link(guest, jo, guest);
    People.link(ann, ann);
    relink(jo, jo, ann, 3);
    relink(jo, ann, jo, 2);
    points(Map.of(ann, ann, jo, jo, guest, jo));
    assertThat(count("merging.profiles where traits ->> 'plan' = 'pro'")).isEqualTo(2);
  }

  private static void points(Map<ProfileId, ProfileId> expected) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          for (Map.Entry<ProfileId, ProfileId> each : expected.entrySet()) {
            assertThat(
                    count(
                        "merging.profiles where profile_id = '"
                            + each.getKey()
                            + "' and canonical_id = '"
                            + each.getValue()
                            + "'"))
                .as(expected.toString())
                .isEqualTo(1);
          }
        });
  }

  @Test
  void twoDestinationsDoNotShareASchema() {
    String first = created("shared", "events");
    event(somebody(), "A", "{}");
    delivered(first, 1);
    String second =
        call("POST", "", definition("shared", "segments").put("name", "Another").toString(), 201)
            .path("id")
            .asString();
    crossing(somebody(), "seg_a");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(read(second).path("lastFailure").asString())
                .isEqualTo("schema_of_another_destination"));
    assertThat(call("POST", "/" + second + "/test", "", 200).path("reason").asString())
        .isEqualTo("schema_of_another_destination");
    assertThat(count("shared.segment_changes")).isZero();
    other().sql("delete from shared.tributary_writer").update();
    call("DELETE", "/" + first, "", 204);
    delivered(second, 1);
  }

  private static void relink(ProfileId profile, ProfileId root, ProfileId before, long number) {
    append(
        Topics.PROFILE_CHANGES,
        root.toString(),
        new ProfileRelinked(workspace, profile, root, before, number, "mrg_1", "email", NOW)
            .encode());
  }

  @Test
  void aMessageThatCannotBeStoredHoldsUpNothing() {
    String id = created("poison", "events");
    ProfileId jo = somebody();
    for (int i = 0; i < 50; i++) {
      event(jo, "E" + i, i == 20 ? "{'n': 1e200000}" : "{'n': 1}");
    }
    assertThat(counted(id, 50).path("failed").asInt()).isEqualTo(1);
    delivered(id, 49);
    assertThat(count("poison.events")).isEqualTo(49);
    JsonNode failed = call("GET", "/" + id + "/undelivered", "", 200).path("data");
    assertThat(failed.path(0).path("problem").asString()).isEqualTo("sql_22003");
  }

  @Test
  void aWrongPasswordLosesNothing() {
    ObjectNode wrong = definition("login", "events");
    ((ObjectNode) wrong.path("postgres")).put("password", "something else");
    JsonNode made = call("POST", "", wrong.toString(), 201);
    assertThat(made.toString()).doesNotContain("something else").doesNotContain("\"secret\"");
    String id = made.path("id").asString();
    for (int i = 0; i < 100; i++) {
      event(somebody(), "E", "{}");
    }
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(read(id).path("lastFailure").asString()).startsWith(LOGIN_REFUSED));
    assertThat(call("POST", "/" + id + "/test", "", 200).path("reason").asString())
        .startsWith(LOGIN_REFUSED);
    assertThat(read(id).at("/total/failed").asInt()).isZero();
    assertThat(replaced(id, definition("login", "events").toString(), 0))
        .contains("\"state\":\"running\"");
    delivered(id, 100);
    // Without a password the one before counts on, which is told to nobody else.
    ObjectNode same = definition("login", "events", "segments");
    ((ObjectNode) same.path("postgres")).remove("password");
    assertThat(replaced(id, same.toString(), 1)).contains("\"state\":\"running\"");
    crossing(somebody(), "seg_a");
    delivered(id, 101);
    ObjectNode elsewhere = same.deepCopy();
    ((ObjectNode) elsewhere.path("postgres")).put("host", "db.example.org").put("tls", "verify");
    assertThat(replaced(id, elsewhere.toString(), 2)).contains("postgres.password", "required");
    assertThat(count("login.events")).isEqualTo(100);
  }

  @Test
  void onlyWhatTheOperatorAllowsIsConnectedToInPrivateNetworks() {
    ObjectNode inside = definition("inside", "events");
    ((ObjectNode) inside.path("postgres")).put("host", "localhost").put("tls", "verify");
    String id = call("POST", "", inside.toString(), 201).path("id").asString();
    JsonNode test = call("POST", "/" + id + "/test", "", 200);
    assertThat(test.path("outcome").asString()).isEqualTo("failed");
    assertThat(test.path("reason").asString()).isEqualTo("address_not_allowed");
    assertThat(call("POST", "/" + id + "/secret", "", 409).path("code").asString())
        .isEqualTo("no_signing_secret");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    JsonNode problem =
        call(
            "POST",
            "",
            """
            {'name': 'Bad', 'kind': 'postgres', 'sends': ['events'], 'url': 'https://example.org',
             'concurrency': 4,
             'postgres': {'host': 'db.example.org/x?y', 'port': 22, 'schema': 'Pg', 'tls': 'off',
                          'user': '', 'ca': '/etc/passwd'}}
            """,
            400);
    assertThat(
            problem.path("errors").valueStream().map(each -> each.path("path").asString()).toList())
        .containsExactlyInAnyOrder(
            "url",
            "concurrency",
            "postgres.host",
            "postgres.port",
            "postgres.schema",
            "postgres.tls",
            "postgres.user",
            "postgres.database",
            "postgres.password",
            "postgres.ca");
  }

  private static PostgresReceiver receiver(String schema) {
    Target.Tables target =
        new Target.Tables(
            new PostgresServer(
                address().getHost(),
                address().getPort(),
                address().getPath().substring(1),
                tables.user(),
                false,
                null),
            schema);
    return new PostgresReceiver(
        "dst_x",
        target,
        tables.password(),
        new WebhookTargets(Set.of(address().getAuthority())).allowed());
  }

  private static Message state(ProfileId profile, String plan) {
    return message(
        profile,
        Selection.STATE,
        NOW,
        Map.of(
            "profileId",
            profile.toString(),
            "profile",
            Map.of("traits", Map.of("plan", plan), "consent", Map.of())));
  }

  private static Message crossing(ProfileId profile, long number, Crossing way, Instant at) {
    return message(
        profile,
        "segment." + way.wire(),
        at,
        Map.of("changeId", "0-" + number, "segmentId", "s", "profileId", profile.toString()));
  }

  private static Message message(
      ProfileId profile, String type, Instant at, Map<String, Object> data) {
    return Message.of(
        Ids.create("msg"), profile, profile, type, at, Json.MAPPER.writeValueAsBytes(data));
  }

  @Test
  void aWorkerWhosePlaceWasTakenWritesNothingOfWhatItHadRead() {
    ProfileId jo = ProfileId.create();
    try (PostgresReceiver sleeper = receiver("fenced");
        PostgresReceiver next = receiver("fenced")) {
      // What was read before the tables were taken isn't written.
      assertThat(sleeper.deliver(List.of(state(jo, "unread"))))
          .containsExactly(new Outcome.Untried());
      assertThat(sleeper.deliver(List.of(state(jo, "old"))))
          .containsExactly(new Outcome.Delivered());
      assertThat(next.deliver(List.of(state(jo, "unread")))).containsExactly(new Outcome.Untried());
      assertThat(next.deliver(List.of(state(jo, "new")))).containsExactly(new Outcome.Delivered());
      assertThat(sleeper.deliver(List.of(state(jo, "old")))).containsExactly(new Outcome.Untried());
    }
    assertThat(count("fenced.profiles where traits ->> 'plan' = 'new'")).isEqualTo(1);
  }

  @Test
  void aCrossingThatComesLateUndoesNoLaterOne() {
    ProfileId jo = ProfileId.create();
    ProfileId al = ProfileId.create();
    try (PostgresReceiver receiver = receiver("late")) {
      receiver.deliver(List.of(state(jo, "x")));
      delivered(receiver, crossing(jo, 2, Crossing.EXITED, NOW.plusSeconds(1)));
      delivered(receiver, crossing(al, 4, Crossing.ENTERED, NOW.plusSeconds(1)));
      delivered(receiver, crossing(jo, 1, Crossing.ENTERED, NOW));
      delivered(receiver, crossing(al, 3, Crossing.EXITED, NOW));
      assertThat(members("late")).containsExactly(al.toString());
      // Who leaves as a window runs out leaves as of then, though it's noticed later.
      delivered(receiver, crossing(al, 5, Crossing.EXITED, NOW));
      assertThat(members("late")).isEmpty();
      // After a restore numbers are given again.
      delivered(receiver, crossing(al, 4, Crossing.ENTERED, NOW.plusSeconds(60)));
      assertThat(members("late")).containsExactly(al.toString());
      delivered(receiver, crossing(al, 4, Crossing.ENTERED, NOW.plusSeconds(60)));
      assertThat(count("late.segment_changes")).isEqualTo(6);
    }
  }

  private static void delivered(PostgresReceiver receiver, Message message) {
    assertThat(receiver.deliver(List.of(message))).containsExactly(new Outcome.Delivered());
  }

  private static List<String> members(String schema) {
    return other()
        .sql("select profile_id from " + schema + ".segment_members")
        .query(String.class)
        .list();
  }
}
