package io.tributary.ingestion.destination;

import static io.tributary.ingestion.collect.Running.answered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import io.tributary.event.Json;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Destinations as a person sets them up, and as the system at their other end sees them. */
@Timeout(180)
class DestinationsTest extends Scene {
  private static JsonNode create(String path, String more) {
    ObjectNode body = (ObjectNode) Json.MAPPER.readTree(("{" + more + "}").replace('\'', '"'));
    body.put("name", "To " + path).put("kind", "webhook").put("url", receiver.url(path));
    if (!body.has("sends")) {
      body.putArray("sends").add("events");
    }
    return call("POST", "", body.toString(), 201);
  }

  private static String created(String path, String more) {
    return create(path, more).path("id").asString();
  }

  private static List<StubReceiver.Got> taken(String path, int count) {
    Awaitility.await(path + " has " + count)
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(receiver.taken(path)).hasSize(count));
    return receiver.taken(path);
  }

  private static List<String> names(List<StubReceiver.Got> got, ProfileId profile) {
    return got.stream()
        .map(each -> each.json().path("data"))
        .filter(data -> data.path("profileId").asString().equals(profile.toString()))
        .map(data -> data.at("/event/event").asString())
        .toList();
  }

  @Test
  void eventsComeSignedOnceAndInTheOrderOfEachPerson() throws Exception {
    JsonNode made = create("/all", "");
    String id = made.path("id").asString();
    List<ProfileId> people = IntStream.range(0, 20).mapToObj(i -> somebody()).toList();
    for (int i = 0; i < 200; i++) {
      event(people.get(i % 20), "E" + i / 20, "{'total': 12.50, 'n': " + i + "}");
    }
    List<StubReceiver.Got> got = taken("/all", 200);
    JsonNode total = counted(id, 200);
    assertThat(total.path("delivered").asInt()).isEqualTo(200);
    assertThat(total.path("answerP95Ms").asLong()).isPositive();
    assertThat(got.stream().map(StubReceiver.Got::id).distinct()).hasSize(200);
    for (ProfileId each : people) {
      assertThat(names(got, each))
          .containsExactly("E0", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9");
    }
    Webhook official = new Webhook(made.path("secret").asString());
    for (StubReceiver.Got each : got) {
      official.verify(each.body(), headers(each));
    }
    assertThat(got.getFirst().json().path("type").asString()).isEqualTo("event");
    assertThat(got.getFirst().json().path("timestamp").asString()).isEqualTo(NOW.toString());
    assertThat(got.getFirst().body()).contains("\"total\":12.50");
    assertThat(read(id).has("secret")).as("told once").isFalse();
  }

  private static java.net.http.HttpHeaders headers(StubReceiver.Got got) {
    Map<String, List<String>> headers = new HashMap<>();
    got.headers()
        .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values));
    return HttpHeaders.of(headers, (name, value) -> true);
  }

  @Test
  void onlyWhatIsAskedForGoesOutAndAsTheStepsLeaveIt() {
    String id =
        created(
            "/some",
            """
            'filter': {'types': ['track'], 'events': ['Order Completed', 'Refund'],
                       'sources': ['src_a'], 'when': 'event.properties.total > 10.0'},
            'consent': 'advertising',
            'steps': [{'op': 'mask', 'path': '/properties/email'},
                      {'op': 'refuse', 'path': '/properties/secret'}]
            """);
    ProfileId yes = somebody();
    ProfileId no = People.create("{}", "{'advertising': false}");
    ProfileId suppressed = somebody();
    People.block(suppressed, "suppressed");
    String order = "{'total': 20, 'email': 'jo@example.org'}";
    event(yes, "Order Completed", order);
    event(yes, "Order Completed", "{'total': 5}"); // the condition
    event(yes, "Order Completed", "{'total': 'much'}"); // a condition that fails
    event(yes, "Page Viewed", order); // another event
    event(yes, "Order Completed", order, "{}", "src_b"); // another source
    event(yes, "Order Completed", order, "{'All': false}", "src_a");
    event(yes, "Order Completed", order, "{'To /some': false}", "src_a");
    event(yes, "Refund", order, "{'All': false, 'To /some': true}", "src_a");
    event(yes, "Order Completed", "{'total': 20, 'secret': 1}"); // a step refuses it
    event(no, "Order Completed", order);
    event(suppressed, "Order Completed", order);
    identify(yes);
    List<StubReceiver.Got> got = taken("/some", 2);
    JsonNode total = counted(id, 12);
    assertThat(total.path("filtered").asInt()).isEqualTo(10);
    assertThat(names(got, yes)).containsExactly("Order Completed", "Refund");
    assertThat(got.toString()).doesNotContain("jo@example.org");
  }

  @Test
  void crossingsStatesMergesAndErasuresAreTold() {
    String id =
        created(
            "/people",
            "'sends': ['segments', 'profiles', 'erasures'], 'filter': {'segments': ['seg_1']}");
    ProfileId jo = somebody();
    ProfileId gone = somebody();
    People.block(gone, "erased");
    ProfileId old = ProfileId.create();
    crossing(jo, "seg_1");
    crossing(jo, "seg_2");
    crossing(gone, "seg_1");
    taken("/people", 1);
    identify(jo);
    append(
        Topics.PROFILE_CHANGES,
        jo.toString(),
        new ProfileRelinked(workspace, old, jo, old, 9, "mrg_1", "email", NOW).encode());
    append(
        Topics.PROFILE_CHANGES,
        gone.toString(),
        new ProfileErased(workspace, gone, "prv_1", NOW).encode());
    append(
        Topics.PROFILE_CHANGES,
        jo.toString(),
        new ProfileErased("ws_other", jo, "prv_2", NOW).encode());
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(
                    receiver.taken("/people").stream()
                        .map(each -> each.json().path("type").asString()))
                .contains(
                    "segment.entered", "profile.changed", "profile.merged", "profile.erased"));
    List<StubReceiver.Got> got = receiver.taken("/people");
    JsonNode entered = got.getFirst().json();
    assertThat(entered.at("/data/segmentId").asString()).isEqualTo("seg_1");
    assertThat(entered.at("/data/profile/traits/email").asString()).isEqualTo("jo@example.org");
    assertThat(entered.at("/data/profile/userId").asString()).isEqualTo("user-" + jo);
    assertThat(got.stream().filter(each -> each.body().contains(gone.toString())))
        .as("of an erased person nothing but that")
        .singleElement()
        .satisfies(each -> assertThat(each.body()).contains("profile.erased", "prv_1"));
    assertThat(got.stream().map(StubReceiver.Got::body)).noneMatch(body -> body.contains("prv_2"));
    assertThat(counted(id, read(id).at("/total/received").asInt()).path("filtered").asInt())
        .isEqualTo(2);
  }

  @Test
  void whatFailsForOnePersonHoldsUpNobodyElseAndKeepsItsOrder() {
    ProfileId unlucky = somebody();
    ProfileId lucky = somebody();
    AtomicBoolean failing = new AtomicBoolean(true);
    receiver.answer(
        "/partly",
        body -> failing.get() && body.toString().contains(unlucky.toString()) ? 503 : 204);
    String id = created("/partly", "");
    for (int i = 0; i < 5; i++) {
      event(unlucky, "U" + i, "{}");
      event(lucky, "L" + i, "{}");
    }
    taken("/partly", 5);
    JsonNode total = counted(id, 10);
    assertThat(total.path("retrying").asInt()).isEqualTo(5);
    assertThat(read(id).path("lastFailure").asString()).isEqualTo("status_503");
    JsonNode waiting = call("GET", "/" + id + "/undelivered?state=waiting", "", 200).path("data");
    assertThat(waiting).hasSize(5);
    assertThat(waiting.path(0).path("problem").asString()).isEqualTo("status_503");
    assertThat(waiting.path(0).path("nextAttempt").asString()).isNotEmpty();
    failing.set(false);
    assertThat(call("POST", "/" + id + "/undelivered/retry", "{}", 200).path("messages").asInt())
        .isBetween(0, 5);
    List<StubReceiver.Got> got = taken("/partly", 10);
    assertThat(names(got, unlucky)).containsExactly("U0", "U1", "U2", "U3", "U4");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(counted(id, 10).path("delivered").asInt()).isEqualTo(10));
  }

  @Test
  void onePersonWhoseMessagesFailAloneIsNoReceiverThatIsDown() {
    ProfileId unlucky = somebody();
    receiver.answer("/alone", body -> body.toString().contains(unlucky.toString()) ? 500 : 204);
    String id = created("/alone", "");
    event(unlucky, "U", "{}");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/retrying").asInt()).isEqualTo(1));
    ProfileId lucky = somebody();
    event(lucky, "L", "{}");
    taken("/alone", 1);
    JsonNode waiting = call("GET", "/" + id + "/undelivered?state=waiting", "", 200).path("data");
    String message = waiting.path(0).path("message").asString();
    assertThat(waiting.path(0).path("attempts").asInt()).isEqualTo(1);
    call("POST", "/" + id + "/undelivered/discard", "{'messages': ['" + message + "']}", 200);
    assertThat(counted(id, 2).path("discarded").asInt()).isEqualTo(1);
  }

  @Test
  void threePeopleWhoseMessagesFailHoldUpNobodyElseForLong() {
    List<ProfileId> unlucky = List.of(somebody(), somebody(), somebody(), somebody());
    receiver.answer(
        "/three",
        body ->
            unlucky.stream().anyMatch(each -> body.toString().contains(each.toString()))
                ? 500
                : 204);
    String id = created("/three", "");
    unlucky.forEach(each -> event(each, "U", "{}"));
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/retrying").asInt()).isEqualTo(4));
    ProfileId lucky = somebody();
    for (int i = 0; i < 20; i++) {
      event(lucky, "L" + i, "{}");
    }
    assertThat(names(taken("/three", 20), lucky)).hasSize(20);
    assertThat(counted(id, 24).path("retrying").asInt()).isEqualTo(4);
  }

  @Test
  void whoHasWithdrawnConsentGetsNothingThatWaits() {
    AtomicBoolean failing = new AtomicBoolean(true);
    receiver.answer("/consent", _ -> failing.get() ? 503 : 204);
    String id = created("/consent", "'consent': 'advertising'");
    ProfileId jo = somebody();
    ProfileId al = somebody();
    event(jo, "A", "{}");
    event(al, "A", "{}");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/retrying").asInt()).isEqualTo(2));
    jdbc.sql("update profile.v_profile set consent = '{}' where profile_id = :id")
        .param("id", jo.uuid())
        .update();
    failing.set(false);
    call("POST", "/" + id + "/undelivered/retry", "", 200);
    assertThat(names(taken("/consent", 1), al)).containsExactly("A");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(counted(id, 2).path("discarded").asInt()).isEqualTo(1));
  }

  @Test
  void aStateThatWaitedIsSentAsItIsByThen() {
    AtomicBoolean failing = new AtomicBoolean(true);
    receiver.answer("/late", _ -> failing.get() ? 503 : 204);
    String id = created("/late", "'sends': ['profiles']");
    ProfileId jo = somebody();
    identify(jo);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/retrying").asInt()).isEqualTo(1));
    People.change(jo, "{'plan': 'free'}");
    failing.set(false);
    call("POST", "/" + id + "/undelivered/retry", "", 200);
    assertThat(taken("/late", 1).getFirst().json().at("/data/profile/traits/plan").asString())
        .isEqualTo("free");
  }

  @Test
  void whoeverIsPartOfABlockedPersonIsBlocked() {
    String id = created("/part", "");
    ProfileId blocked = somebody();
    ProfileId part = somebody();
    ProfileId other = somebody();
    People.block(blocked, "suppressed");
    jdbc.sql("update profile.v_profile set canonical_id = :root where profile_id = :id")
        .param("root", blocked.uuid())
        .param("id", part.uuid())
        .update();
    event(part, "A", "{}");
    event(other, "B", "{}");
    taken("/part", 1);
    assertThat(counted(id, 2).path("filtered").asInt()).isEqualTo(1);
  }

  @Test
  void stepsAreDoneOnceToEachMessageAboutOnePerson() {
    created("/twice", "'sends': ['segments'], 'steps': [{'op': 'hash', 'path': '/traits/email'}]");
    ProfileId jo = somebody();
    crossing(jo, "seg_1");
    crossing(jo, "seg_2");
    crossing(jo, "seg_3");
    assertThat(
            taken("/twice", 3).stream()
                .map(each -> each.json().at("/data/profile/traits/email").asString())
                .distinct())
        .singleElement()
        .satisfies(hash -> assertThat(hash).doesNotContain("@"));
  }

  @Test
  void whatTheReceiverRefusesIsKeptUntilSomebodyDecides() {
    AtomicBoolean strict = new AtomicBoolean(true);
    receiver.answer(
        "/strict",
        body ->
            strict.get() && body.at("/data/event/event").asString("").startsWith("Bad")
                ? 422
                : 200);
    String id = created("/strict", "");
    ProfileId jo = somebody();
    event(jo, "Bad 1", "{}");
    event(jo, "Good", "{}");
    event(jo, "Bad 2", "{}");
    event(jo, "Bad 3", "{}");
    assertThat(counted(id, 4).path("failed").asInt()).isEqualTo(3);
    assertThat(names(receiver.taken("/strict"), jo)).containsExactly("Good");
    JsonNode failed = call("GET", "/" + id + "/undelivered", "", 200).path("data");
    String first = failed.path(0).path("message").asString();
    assertThat(failed.path(0).path("problem").asString()).isEqualTo("status_422");
    assertThat(failed.path(0).has("nextAttempt")).isFalse();
    call("POST", "/" + id + "/undelivered/discard", "{'messages': ['" + first + "']}", 200);
    strict.set(false);
    call("POST", "/" + id + "/undelivered/retry", "", 200);
    taken("/strict", 3);
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          JsonNode total = counted(id, 4);
          assertThat(total.path("delivered").asInt()).isEqualTo(3);
          assertThat(total.path("discarded").asInt()).isEqualTo(1);
        });
  }

  @Test
  void whileAReceiverIsDownTheLogWaitsAndNothingIsLost() {
    AtomicBoolean up = new AtomicBoolean();
    receiver.answer("/down", _ -> up.get() ? 204 : 500);
    String id = created("/down", "'concurrency': 8");
    List<ProfileId> people = IntStream.range(0, 40).mapToObj(i -> somebody()).toList();
    for (int i = 0; i < 4_000; i++) {
      event(people.get(i % 40), "E" + i, "{}");
    }
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> assertThat(read(id).path("lastFailure").asString()).isEqualTo("status_500"));
    JsonNode before = read(id);
    assertThat(before.at("/total/retrying").asInt()).isLessThan(1_000);
    JsonNode waiting =
        call("GET", "/" + id + "/undelivered?state=waiting&limit=200", "", 200).path("data");
    waiting.forEach(each -> assertThat(each.path("attempts").asInt()).isLessThanOrEqualTo(2));
    assertThat(before.path("lag").asInt()).isPositive();
    up.set(true);
    List<StubReceiver.Got> got = taken("/down", 4_000);
    assertThat(got.stream().map(StubReceiver.Got::id).distinct()).hasSize(4_000);
    for (int i = 0; i < 40; i++) {
      int person = i;
      assertThat(names(got, people.get(i)))
          .isEqualTo(IntStream.range(0, 100).mapToObj(n -> "E" + (n * 40 + person)).toList());
    }
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(counted(id, 4_000).path("delivered").asInt()).isEqualTo(4_000);
          assertThat(read(id).path("lag").asInt()).isZero();
        });
  }

  @Test
  void whatWasOnItsWayWhenAnotherTookOverComesAgainWithItsId() {
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    receiver.answer(
        "/over",
        _ -> {
          if (asked.getAndIncrement() > 0) {
            return 204;
          }
          try {
            boolean _ = over.await(60, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return 500;
        });
    String id = created("/over", "");
    event(somebody(), "A", "{}");
    Awaitility.await().atMost(LIMIT).until(() -> asked.get() == 1);
    jdbc.sql(
            """
            update ingestion.destination
            set epoch = epoch + 1, worker = 'another', lease_until = now() - interval '1 second'
            where destination_id = :id
            """)
        .param("id", id)
        .update();
    String again = taken("/over", 1).getFirst().id();
    over.countDown();
    Awaitility.await().atMost(LIMIT).until(() -> receiver.got("/over").size() == 2);
    assertThat(receiver.got("/over")).allSatisfy(each -> assertThat(each.id()).isEqualTo(again));
    assertThat(counted(id, 1).path("delivered").asInt()).isEqualTo(1);
  }

  @Test
  void aReceiverThatIsGoneStopsItsDestinationWhichCanBeResumed() {
    AtomicBoolean gone = new AtomicBoolean(true);
    receiver.answer("/gone", _ -> gone.get() ? 410 : 204);
    String id = created("/gone", "");
    ProfileId jo = somebody();
    event(jo, "A", "{}");
    event(jo, "B", "{}");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(read(id).path("state").asString()).isEqualTo("stopped");
          assertThat(read(id).path("problem").asString()).isEqualTo("gone");
        });
    assertThat(receiver.got("/gone")).hasSize(1);
    gone.set(false);
    assertThat(call("POST", "/" + id + "/resume", "", 200).path("state").asString())
        .isEqualTo("running");
    assertThat(names(taken("/gone", 2), jo)).containsExactly("A", "B");
  }

  @Test
  void aSlowDestinationAndADeadOneSlowNobody() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    receiver.answer(
        "/slow",
        _ -> {
          try {
            return release.await(60, TimeUnit.SECONDS) ? 204 : 500;
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 500;
          }
        });
    receiver.answer("/dead", _ -> 503);
    created("/slow", "");
    created("/dead", "");
    created("/quick", "");
    List<ProfileId> people = IntStream.range(0, 50).mapToObj(i -> somebody()).toList();
    for (int i = 0; i < 500; i++) {
      event(people.get(i % 50), "E" + i, "{}");
    }
    taken("/quick", 500);
    assertThat(receiver.taken("/slow")).as("those wait still").isEmpty();
    release.countDown();
  }

  @Test
  void thePastIsSentOnRequestWithTheSameIdsAndOfNobodyWhoIsErased() {
    ProfileId jo = somebody();
    ProfileId al = somebody();
    String first = created("/first", "'filter': {'events': ['Past']}");
    event(jo, "Past", "{}");
    event(al, "Past", "{}");
    List<String> ids = taken("/first", 2).stream().map(StubReceiver.Got::id).sorted().toList();
    call("POST", "/" + first + "/pause", "", 200);
    People.block(al, "erased");
    call("POST", "/" + first + "/backfill", "{'from': 'beginning'}", 202);
    call("POST", "/" + first + "/resume", "", 200);
    List<StubReceiver.Got> again = taken("/first", 3);
    assertThat(ids).contains(again.getLast().id());
    assertThat(names(again, jo)).containsExactly("Past", "Past");
    call("POST", "/" + first + "/backfill", "{'from': '2100-01-01T00:00:00Z'}", 202);
    event(jo, "Past", "{}");
    taken("/first", 4);
    assertThat(
            call("POST", "/" + first + "/backfill", "{'from': 'then'}", 400)
                .at("/errors/0/path")
                .asString())
        .isEqualTo("from");
  }

  @Test
  void whatHappensDuringAPauseComesAfterIt() {
    String id = created("/pause", "");
    ProfileId jo = somebody();
    event(jo, "A", "{}");
    taken("/pause", 1);
    call("POST", "/" + id + "/pause", "", 200);
    Awaitility.await()
        .atMost(LIMIT)
        .until(() ->
            jdbc.sql("select worker is null from ingestion.destination where destination_id = :id")
                .param("id", id)
                .query(Boolean.class)
                .single());
    event(jo, "B", "{}");
    call("POST", "/" + id + "/resume", "", 200);
    assertThat(names(taken("/pause", 2), jo)).containsExactly("A", "B");
  }

  @Test
  void aNewSecretSignsBesideTheOldOne() throws Exception {
    JsonNode made = create("/secret", "");
    String id = made.path("id").asString();
    JsonNode next = call("POST", "/" + id + "/secret", "", 200);
    assertThat(call("POST", "/" + id + "/test", "", 200).path("outcome").asString())
        .isEqualTo("delivered");
    StubReceiver.Got got = taken("/secret", 1).getFirst();
    new Webhook(made.path("secret").asString()).verify(got.body(), headers(got));
    new Webhook(next.path("secret").asString()).verify(got.body(), headers(got));
    assertThatThrownBy(
            () -> new Webhook("whsec_" + "A".repeat(43) + "=").verify(got.body(), headers(got)))
        .isInstanceOf(WebhookVerificationException.class);
    jdbc.sql("update ingestion.destination set old_until = now() - interval '1 second'").update();
    call("POST", "/" + id + "/test", "", 200);
    StubReceiver.Got later = taken("/secret", 2).getLast();
    new Webhook(next.path("secret").asString()).verify(later.body(), headers(later));
    assertThatThrownBy(
            () -> new Webhook(made.path("secret").asString()).verify(later.body(), headers(later)))
        .isInstanceOf(WebhookVerificationException.class);
    assertThat(
            jdbc.sql("select secret from ingestion.destination where destination_id = :id")
                .param("id", id)
                .query(String.class)
                .single())
        .doesNotContain(next.path("secret").asString().substring(6));
  }

  @Test
  void messagesOfAnErasedPersonAreTakenAway() {
    receiver.answer("/erase", _ -> 400);
    String id = created("/erase", "");
    ProfileId jo = somebody();
    ProfileId al = somebody();
    event(jo, "A", "{}");
    event(al, "A", "{}");
    assertThat(counted(id, 2).path("failed").asInt()).isEqualTo(2);
    jdbc.sql("insert into profile.v_privacy_request values (:w, 'prv_9', 'erase', :id)")
        .param("w", workspace)
        .param("id", jo.uuid())
        .update();
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(id).at("/total/discarded").asInt()).isEqualTo(1));
    JsonNode left = call("GET", "/" + id + "/undelivered", "", 200).path("data");
    assertThat(left).hasSize(1);
    assertThat(left.path(0).path("profileId").asString()).isEqualTo(al.toString());
    counted(id, 2);
  }

  @Test
  void theRateIsKept() {
    String id = created("/rate", "'perSecond': 20, 'concurrency': 16");
    List<ProfileId> people = IntStream.range(0, 50).mapToObj(i -> somebody()).toList();
    long began = System.nanoTime();
    people.forEach(each -> event(each, "R", "{}"));
    taken("/rate", 50);
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("the fiftieth begins 49 twentieths of a second after the first")
        .isGreaterThan(Duration.ofMillis(2_400));
    counted(id, 50);
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    JsonNode answer =
        call(
            "POST",
            "",
            """
            {'kind': 'fax', 'url': 'http://10.0.0.1/', 'sends': ['events', 'everything'],
             'filter': {'when': '1 +', 'segments': ['seg_1']}, 'perSecond': 0,
             'steps': [{'op': 'mask'}], 'retryHours': 1000}
            """,
            400);
    List<String> paths = new ArrayList<>();
    answer.path("errors").forEach(each -> paths.add(each.path("path").asString()));
    assertThat(paths)
        .containsExactlyInAnyOrder(
            "name",
            "kind",
            "url",
            "sends[1]",
            "filter.segments",
            "filter.when",
            "perSecond",
            "steps[0].path",
            "retryHours");
    call("GET", "/dst_none", "", 404);
  }

  @Test
  void namesAreUniqueAndChangesNeedTheVersion() {
    JsonNode made = create("/version", "");
    String id = made.path("id").asString();
    ObjectNode definition = (ObjectNode) made.path("definition");
    call("POST", "", definition.toString(), 409);
    answered(service.api("PUT", PATH + "/" + id, definition.toString()), 428);
    definition.put("concurrency", 2).putArray("sends").add("segments");
    answered(service.api("PUT", PATH + "/" + id, definition.toString(), "If-Match", "\"0\""), 200);
    answered(service.api("PUT", PATH + "/" + id, definition.toString(), "If-Match", "\"0\""), 412);
    ProfileId jo = somebody();
    crossing(jo, "seg_1");
    taken("/version", 1);
    event(jo, "No more", "{}");
    crossing(jo, "seg_2");
    assertThat(taken("/version", 2).stream().map(each -> each.json().path("type").asString()))
        .containsOnly("segment.entered");
    call("DELETE", "/" + id, "", 204);
    call("GET", "/" + id, "", 404);
  }

  @Test
  void aHostWithinTheNetworkIsNotReached() {
    ObjectNode body =
        Json.MAPPER
            .createObjectNode()
            .put("name", "Inside")
            .put("kind", "webhook")
            .put("url", "https://localhost:8443/");
    body.putArray("sends").add("events");
    String id = call("POST", "", body.toString(), 201).path("id").asString();
    JsonNode answer = call("POST", "/" + id + "/test", "", 200);
    assertThat(answer.path("outcome").asString()).isEqualTo("failed");
    assertThat(answer.path("reason").asString()).isEqualTo("address_not_allowed");
  }
}
