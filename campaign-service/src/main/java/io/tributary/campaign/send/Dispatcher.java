package io.tributary.campaign.send;

import io.micrometer.core.instrument.MeterRegistry;
import io.tributary.campaign.journey.DeliveryState;
import io.tributary.campaign.journey.SendResult;
import io.tributary.campaign.journey.Transition;
import io.tributary.campaign.send.Claims.Batch;
import io.tributary.campaign.send.Claims.Claimed;
import io.tributary.campaign.store.ClaimStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Sends what is due: claims campaign by campaign, as much as there is room for, and sends on
 * virtual threads. No campaign takes more than its share of the room, so a slow receiver holds up
 * nobody else. {@link #dispatch} is one round; {@link DispatchLoop} turns it.
 */
public final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Duration RELEASED_FOR = Duration.ofSeconds(2);

  /** About as long as the lease of a claim. */
  private static final int MOST_TRIES = 120;

  private static final long SHORTEST_WAIT_MS = 100;
  private static final long LONGEST_WAIT_MS = 5_000;
  private final Claims claims;
  private final ClaimStore store;
  private final SendLog sends;
  private final Courier courier;
  private final Outcomes outcomes;
  private final Room room;
  private final MeterRegistry metrics;
  private final Clock clock;
  private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
  private final AtomicInteger total = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("send-", 0).factory());

  /**
   * How much is sent at once.
   *
   * @param total by this process
   * @param perCampaign of it by one campaign
   */
  public record Room(int total, int perCampaign) {}

  /** Who does what. */
  public record Parts(
      Claims claims, ClaimStore store, SendLog sends, Courier courier, Outcomes outcomes) {}

  /** A dispatcher with these parts. */
  public Dispatcher(Parts parts, Room room, MeterRegistry metrics, Clock clock) {
    this.claims = parts.claims();
    this.store = parts.store();
    this.sends = parts.sends();
    this.courier = parts.courier();
    this.outcomes = parts.outcomes();
    this.room = room;
    this.metrics = metrics;
    this.clock = clock;
    // Before anything is sent: of a series that begins at 1 nobody can tell that it rose.
    for (DeliveryState state : DeliveryState.values()) {
      metrics.counter("tributary.sends", "state", state.wire());
    }
  }

  /**
   * Claims what is due and starts sending it.
   *
   * @param done called whenever a send has ended
   * @return whether more may be due at once
   */
  public boolean dispatch(Runnable done) {
    claims.giveBack();
    boolean more = false;
    for (String campaign : store.campaignsWithDue(clock.instant())) {
      int free = free(campaign);
      if (free > 0) {
        more |= dispatch(campaign, free, done);
      }
    }
    return more;
  }

  /** What goes wrong with one campaign must not hold up the others. */
  private boolean dispatch(String campaign, int free, Runnable done) {
    try {
      Batch batch = claims.claim(campaign, free);
      start(batch, done);
      return batch.claimed().size() + batch.skipped() >= free;
    } catch (RuntimeException e) {
      LOG.error("send action=claim campaign={} outcome=failed", campaign, e);
      return false;
    }
  }

  private int free(String campaign) {
    AtomicInteger own = underWay.get(campaign);
    return Math.min(room.total() - total.get(), room.perCampaign() - (own == null ? 0 : own.get()));
  }

  private void start(Batch batch, Runnable done) {
    if (batch.skipped() > 0) {
      metrics.counter("tributary.sends", "state", "skipped").increment(batch.skipped());
    }
    if (batch.claimed().isEmpty()) {
      return;
    }
    if (!sends.append(batch, clock.instant())) {
      LOG.warn("send action=release reason=log_unavailable claims={}", batch.claimed().size());
      store.release(batch.token(), clock.instant().plus(RELEASED_FOR));
      return;
    }
    for (Claimed claim : batch.claimed()) {
      count(claim, 1);
      threads.execute(() -> {
        try {
          send(claim, batch.token());
        } finally {
          count(claim, -1);
          done.run();
        }
      });
    }
  }

  private void count(Claimed claim, int change) {
    total.addAndGet(change);
    underWay.compute(
        claim.campaign().id(),
        (id, number) -> {
          AtomicInteger known = number == null ? new AtomicInteger() : number;
          return known.addAndGet(change) == 0 ? null : known;
        });
  }

  private void send(Claimed claim, UUID token) {
    Courier.Sent sent = attempt(claim);
    try {
      Transition next = record(claim, token, sent);
      metrics.counter("tributary.sends", "state", next.state().wire()).increment();
      LOG.info(
          "send delivery={} campaign={} attempt={} state={} outcome={} detail={}",
          claim.deliveryId(),
          claim.campaign().id(),
          claim.attempt(),
          next.state().wire(),
          next.outcome(),
          next.detail());
    } catch (DataAccessException | TransactionException e) {
      // The claim stays without an outcome and will be given up for uncertain.
      LOG.error("send delivery={} outcome=unrecorded", claim.deliveryId(), e);
    }
  }

  /**
   * Records an outcome, however often the database has to be asked: what is known must not become
   * uncertain for a moment without it. Recorded once, since the claim's token is used up by it.
   */
  private Transition record(Claimed claim, UUID token, Courier.Sent sent) {
    long wait = SHORTEST_WAIT_MS;
    for (int tries = 1; ; tries++) {
      try {
        return outcomes.record(claim, token, sent);
      } catch (DataAccessException | TransactionException e) {
        if (tries == MOST_TRIES || threads.isShutdown()) {
          throw e;
        }
        LOG.warn("send delivery={} outcome=not_recorded_yet tries={}", claim.deliveryId(), tries);
      }
      LockSupport.parkNanos(Duration.ofMillis(wait).toNanos());
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    }
  }

  private Courier.Sent attempt(Claimed claim) {
    try {
      return courier.send(
          claim.campaign().message(),
          claim.campaign().secret(),
          claim.address(),
          Renderer.Material.of(claim));
    } catch (RuntimeException e) {
      LOG.error("send delivery={} outcome=unexpected", claim.deliveryId(), e);
      return Courier.Sent.without(new SendResult.Unknown("internal_error", ""));
    }
  }

  /** How many sends are under way. */
  public int underWay() {
    return total.get();
  }

  /** Waits for the sends under way; true when all have ended. */
  public boolean drain(Duration limit) {
    threads.shutdown();
    try {
      return threads.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
