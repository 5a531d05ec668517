package io.tributary.campaign.send;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.context.SmartLifecycle;

/**
 * Turns the dispatcher: whenever something is due, was made, or has been sent. First of all it
 * gives up what an earlier life of this instance left behind.
 */
public final class DispatchLoop implements SmartLifecycle {
  private static final Duration REST = Duration.ofMillis(500);
  private static final Duration GIVE_UP_EVERY = Duration.ofSeconds(30);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private final Dispatcher dispatcher;
  private final AfterRestore afterRestore;
  private final Duration lease;
  private final String instance;
  private final Clock clock;
  private final Ticker ticker;
  private boolean formerLifeEnded;
  private Instant nextGiveUp = Instant.EPOCH;

  /** A loop that does nothing until it's started. */
  public DispatchLoop(
      Dispatcher dispatcher,
      AfterRestore afterRestore,
      Duration lease,
      String instance,
      Clock clock) {
    this.dispatcher = dispatcher;
    this.afterRestore = afterRestore;
    this.lease = lease;
    this.instance = instance;
    this.clock = clock;
    this.ticker = new Ticker("campaign-dispatch", REST, this::turn);
  }

  private boolean turn() {
    if (!formerLifeEnded) {
      dispatcher.giveUpFormerLife(instance);
      formerLifeEnded = true;
    }
    if (!afterRestore.isDone()) {
      return false;
    }
    Instant now = clock.instant();
    if (now.isAfter(nextGiveUp)) {
      dispatcher.giveUp(lease);
      nextGiveUp = now.plus(GIVE_UP_EVERY);
    }
    return dispatcher.dispatch(ticker::wake);
  }

  /** Looks at once for what is due. */
  public void wake() {
    ticker.wake();
  }

  @Override
  public void start() {
    ticker.start();
  }

  /** Claims nothing more and lets what is under way end. */
  @Override
  public void stop() {
    ticker.stop();
    dispatcher.drain(DRAIN);
  }

  @Override
  public boolean isRunning() {
    return ticker.isRunning();
  }

  @Override
  public int getPhase() {
    return ticker.getPhase();
  }
}
