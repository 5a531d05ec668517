package io.tributary.campaign.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.campaign.Bench;
import io.tributary.campaign.track.Links.Place;
import io.tributary.event.ProfileId;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No send is claimed after an unsubscription, suppression or block was answered. */
@Timeout(120)
class ClaimRaceTest {
  private static final int PEOPLE = 200;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench();
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  /** The database's own clock: the moment at which the calling transaction or answer stands. */
  private Instant databaseTime() {
    return bench.jdbc.sql("select clock_timestamp()").query(Timestamp.class).single().toInstant();
  }

  @Test
  void twoHundredUnsubscribeWhileTheirNextMailsAreClaimed() throws Exception {
    String campaign = bench.mailCampaign(null);
    List<UUID> people = new ArrayList<>();
    List<String> first = new ArrayList<>();
    for (int i = 0; i < PEOPLE; i++) {
      UUID person = bench.person("p" + i + "@example.com");
      people.add(person);
      first.add(bench.due(campaign, person));
    }
    while (!bench.claims.claim(campaign, 50).isEmpty()) {
      // The first mails, whose links the people will follow, are claimed here.
    }
    // The second mails: three each, so that some are claimed before and some after.
    people.forEach(person -> {
      for (int i = 0; i < 3; i++) {
        bench.due(campaign, person);
      }
    });
    Map<UUID, Instant> answered = new ConcurrentHashMap<>();
    Set<String> claimedLate = ConcurrentHashMap.newKeySet();
    CountDownLatch gate = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < PEOPLE; i++) {
        int n = i;
        work.add(
            threads.submit(() -> {
              gate.await();
              assertThat(bench.engagements.unsubscribe(new Place(Bench.WORKSPACE, first.get(n))))
                  .isTrue();
              answered.put(people.get(n), databaseTime());
              return null;
            }));
      }
      for (int i = 0; i < 6; i++) {
        Claims claims = bench.claims("instance-" + i);
        work.add(
            threads.submit(() -> {
              gate.await();
              while (true) {
                // Whoever was answered before this claim began must not be in it.
                Set<UUID> before = Set.copyOf(answered.keySet());
                Claims.Batch batch = claims.claim(campaign, 7);
                batch.claimed().stream()
                    .filter(claim -> before.contains(claim.person().root()))
                    .forEach(claim -> claimedLate.add(claim.deliveryId()));
                if (batch.isEmpty() && answered.size() == PEOPLE && nothingPending()) {
                  return null;
                }
              }
            }));
      }
      gate.countDown();
      for (Future<?> task : work) {
        task.get();
      }
    }
    assertThat(claimedLate).isEmpty();
    long claimed = count("claimed");
    long skipped = count("skipped");
    assertThat(claimed - PEOPLE + skipped).isEqualTo(3 * PEOPLE);
    assertThat(skipped).as("the race took place").isPositive();
    people.forEach(person -> bench.due(campaign, person));
    assertThat(bench.claims.claim(campaign, 1000).claimed()).isEmpty();
  }

  private boolean nothingPending() {
    return count("pending") == 0;
  }

  private long count(String state) {
    return bench
        .jdbc
        .sql("select count(*) from campaign.delivery where state = :state")
        .param("state", state)
        .query(Long.class)
        .single();
  }

  @Test
  void aBlockThatIsBeingWrittenIsWaitedFor() throws Exception {
    String campaign = bench.mailCampaign(null);
    UUID person = bench.person("blocked@example.com");
    String delivery = bench.due(campaign, person);
    Claims.Batch claimed =
        claimWhileIsWritten(
            campaign,
            () -> {
              bench
                  .jdbc
                  .sql("select pg_advisory_xact_lock(hashtextextended(:key, 0))")
                  .param("key", "ws_1|profile|" + new ProfileId(person))
                  .query((row, n) -> n)
                  .list();
              bench
                  .jdbc
                  .sql("insert into profile.v_privacy_block values ('ws_1', :id, 'suppressed')")
                  .param("id", person)
                  .update();
            });
    assertThat(claimed.claimed()).isEmpty();
    assertThat(bench.delivery(delivery).outcome()).isEqualTo("profile_suppressed");
  }

  @Test
  void aSuppressionThatIsBeingWrittenIsWaitedForToo() throws Exception {
    String campaign = bench.mailCampaign(null);
    String address = "leaving@example.com";
    String delivery = bench.due(campaign, bench.person(address));
    Claims.Batch claimed = claimWhileIsWritten(campaign, () -> bench.suppress(address));
    assertThat(claimed.claimed()).isEmpty();
    assertThat(bench.delivery(delivery).outcome()).isEqualTo("address_suppressed");
  }

  /** Claims while a transaction that has written is still open; it ends once the claim waits. */
  private Claims.Batch claimWhileIsWritten(String campaign, Runnable write) throws Exception {
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writing =
          threads.submit(() ->
              bench.transaction.executeWithoutResult(status -> {
                write.run();
                written.countDown();
                try {
                  commit.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
      written.await();
      Future<Claims.Batch> claim = threads.submit(() -> bench.claims.claim(campaign, 10));
      try {
        org.awaitility.Awaitility.await()
            .until(() ->
                bench
                        .jdbc
                        .sql(
                            "select count(*) from pg_locks where locktype = 'advisory' and not granted")
                        .query(Long.class)
                        .single()
                    == 1);
      } finally {
        commit.countDown();
      }
      writing.get();
      return claim.get();
    }
  }

  @Test
  void manyInstancesClaimEachDeliveryOnce() throws Exception {
    String campaign = bench.mailCampaign(null);
    for (int i = 0; i < 300; i++) {
      bench.due(campaign, bench.person("q" + i + "@example.com"));
    }
    List<String> claimed = java.util.Collections.synchronizedList(new ArrayList<>());
    CountDownLatch gate = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Claims claims = bench.claims("i" + i);
        work.add(
            threads.submit(() -> {
              gate.await();
              while (claimed.size() < 300) {
                claims.claim(campaign, 11).claimed().forEach(c -> claimed.add(c.deliveryId()));
              }
              return null;
            }));
      }
      gate.countDown();
      for (Future<?> task : work) {
        task.get();
      }
    }
    assertThat(claimed).hasSize(300).doesNotHaveDuplicates();
  }

  @Test
  void whoWasMergedIntoSomebodyReachedIsNotReachedAgainInTheSameRun() {
    String campaign = bench.mailCampaign(null);
    UUID survivor = bench.person("one@example.com");
    UUID absorbed = bench.person("two@example.com");
    String first = bench.due(campaign, survivor);
    String second = bench.due(campaign, absorbed);
    bench.jdbc.sql("update campaign.delivery set run_id = 'run_1'").update();
    bench.merge(absorbed, survivor);
    bench.claims.claim(campaign, 10);
    assertThat(List.of(bench.delivery(first).state(), bench.delivery(second).state()))
        .containsExactlyInAnyOrder("claimed", "skipped");
  }
}
