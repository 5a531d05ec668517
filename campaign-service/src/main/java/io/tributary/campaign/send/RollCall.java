package io.tributary.campaign.send;

import io.tributary.campaign.store.ClaimStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up claims whose outcome nobody will record: of an earlier life of this instance, of
 * instances that are gone, and of any whose lease is over. They become uncertain, and are never
 * sent again.
 */
public final class RollCall {
  private static final Logger LOG = LoggerFactory.getLogger(RollCall.class);
  private static final Duration EVERY = Duration.ofSeconds(10);

  /** Who gives no sign of life for so long is gone. Longer than a send takes with its timeouts. */
  static final Duration SILENCE = Duration.ofMinutes(1);

  private final ClaimStore store;
  private final String instance;
  private final Duration lease;
  private final Clock clock;
  private boolean formerLifeEnded;
  private Instant last = Instant.EPOCH;

  /** Since when this instance has looked around without a longer break. */
  private Instant watching = Instant.EPOCH;

  /**
   * Roll calls of this instance.
   *
   * @param lease how long a claim may be without an outcome, whoever has it
   */
  public RollCall(ClaimStore store, String instance, Duration lease, Clock clock) {
    this.store = store;
    this.instance = instance;
    this.lease = lease;
    this.clock = clock;
  }

  /** Says that this instance is alive, and looks for those that aren't; at most every 10 s. */
  public void answer() {
    Instant now = clock.instant();
    if (!formerLifeEnded) {
      report(store.giveUp(Instant.EPOCH, instance, "interrupted", now));
      formerLifeEnded = true;
    }
    if (now.isBefore(last.plus(EVERY))) {
      return;
    }
    store.alive(instance, now);
    if (now.isAfter(last.plus(SILENCE.dividedBy(2)))) {
      // The database was away, or this machine slept: the others had no chance to be seen either.
      watching = now;
    }
    if (!now.isBefore(watching.plus(SILENCE))) {
      report(store.giveUpDeparted(now.minus(SILENCE), "interrupted", now));
    }
    report(store.giveUp(now.minus(lease), "", "claim_expired", now));
    last = now;
  }

  private static void report(int claims) {
    if (claims > 0) {
      LOG.warn("send action=give_up state=uncertain claims={}", claims);
    }
  }
}
