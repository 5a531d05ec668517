package io.tributary.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class IdempotencyKeyTest {
  private static final String THINGS = "/api/v1/things";
  private static final String KEY = "Idempotency-Key";
  private static ThingService service;

  @BeforeAll
  static void start() {
    service = new ThingService().withSchemas();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void sameRequestsAtOnceAreCarriedOutOnce() throws Exception {
    for (int round = 0; round < 10; round++) {
      String key = "race-" + round;
      int before = service.things().made.get();
      List<ThingService.Answer> answers =
          together(8, () -> service.post(THINGS, "{\"count\":1}", KEY, key));
      assertThat(service.things().made.get() - before).isEqualTo(1);
      assertThat(answers)
          .extracting(ThingService.Answer::status)
          .isSubsetOf(200, 409)
          .contains(200);
      assertThat(answers)
          .filteredOn(a -> a.status() == 200)
          .extracting(ThingService.Answer::text)
          .containsOnly(service.post(THINGS, "{\"count\":1}", KEY, key).text());
    }
  }

  @Test
  void requestInProgressIsToldSo() throws Exception {
    ThingService.ThingEndpoint things = service.things();
    things.entered = new CountDownLatch(1);
    things.proceed = new CountDownLatch(1);
    try (ExecutorService one = Executors.newSingleThreadExecutor()) {
      Future<ThingService.Answer> first =
          one.submit(() -> service.post(THINGS, "{\"count\":1}", KEY, "slow"));
      assertThat(things.entered.await(20, TimeUnit.SECONDS)).isTrue();
      ThingService.Answer second = service.post(THINGS, "{\"count\":1}", KEY, "slow");
      assertThat(second.status()).isEqualTo(409);
      assertThat(second.code()).isEqualTo("request_in_progress");
      assertThat(second.headers().firstValue("Retry-After")).contains("1");
      things.proceed.countDown();
      assertThat(first.get().status()).isEqualTo(200);
    } finally {
      things.proceed.countDown();
    }
  }

  @Test
  void replayIsMarkedAndOtherBodyRefused() {
    ThingService.Answer first = service.post(THINGS, "{\"count\":1}", KEY, "replay");
    assertThat(first.headers().firstValue("Idempotent-Replay")).isEmpty();
    ThingService.Answer again = service.post(THINGS, "{\"count\":1}", KEY, "replay");
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.headers().firstValue("Idempotent-Replay")).contains("true");
    assertThat(again.headers().firstValue("Content-Type"))
        .isEqualTo(first.headers().firstValue("Content-Type"));
    assertThat(service.post(THINGS, "{\"count\":2}", KEY, "replay").code())
        .isEqualTo("idempotency_key_reused");
    assertThat(service.post(THINGS, "{\"count\":1}", KEY, "").status()).isEqualTo(400);
    assertThat(service.post(THINGS, "{\"count\":1}", KEY, "x".repeat(300)).status()).isEqualTo(400);
  }

  @Test
  void keysOfTwoWorkspacesHaveNothingToDoWithEachOther() {
    String other = Secrets.token();
    service.token(other, "ws_9", "{segments:write}");
    ThingService.Answer mine = service.post(THINGS, "{\"count\":1}", KEY, "shared");
    ThingService.Answer theirs =
        service.send("POST", THINGS, other, "{\"count\":1}".getBytes(UTF_8), KEY, "shared");
    assertThat(mine.json().at("/workspace").asString()).isEqualTo("ws_1");
    assertThat(theirs.json().at("/workspace").asString()).isEqualTo("ws_9");
  }

  @Test
  void refusalFreesTheKey() {
    assertThat(service.post(THINGS, "{\"count\":\"x\"}", KEY, "again").status()).isEqualTo(400);
    assertThat(service.post(THINGS, "{\"count\":1}", KEY, "again").status()).isEqualTo(200);
  }

  @Test
  void secretIsNotKept() {
    assertThat(service.post(THINGS + "/secret", "", KEY, "hush").text()).contains("s3cr3t");
    assertThat(service.post(THINGS + "/secret", "", KEY, "hush").code())
        .isEqualTo("secret_shown_once");
    assertThat(
            JdbcClient.create(service.database.dataSource())
                .sql("select body is null from things.idempotency where key = 'hush'")
                .query(Boolean.class)
                .single())
        .isTrue();
  }

  @Test
  void abandonedRequestIsTakenOverAfterItsLease() {
    service.post(THINGS, "{\"count\":1}", KEY, "crash");
    JdbcClient jdbc = JdbcClient.create(service.database.dataSource());
    jdbc.sql("update things.idempotency set status = null, body = null where key = 'crash'")
        .update();
    assertThat(service.post(THINGS, "{\"count\":1}", KEY, "crash").status()).isEqualTo(409);
    jdbc.sql(
            "update things.idempotency set created_at = created_at - interval '61 seconds'"
                + " where key = 'crash'")
        .update();
    assertThat(service.post(THINGS, "{\"count\":1}", KEY, "crash").status()).isEqualTo(200);
  }

  private static <T> List<T> together(int threads, java.util.concurrent.Callable<T> work)
      throws Exception {
    CyclicBarrier gate = new CyclicBarrier(threads);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            pool.submit(() -> {
              gate.await();
              return work.call();
            }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> one : running) {
        results.add(one.get());
      }
      return results;
    }
  }
}
