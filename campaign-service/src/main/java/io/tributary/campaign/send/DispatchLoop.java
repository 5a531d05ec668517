package io.tributary.campaign.send;

import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * Turns the dispatcher: whenever something is due, was made, or has been sent. First of all it
 * gives up what an earlier life of this instance left behind.
 */
public final class DispatchLoop implements SmartLifecycle {
  private static final Duration REST = Duration.ofMillis(500);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private final Dispatcher dispatcher;
  private final AfterRestore afterRestore;
  private final RollCall rollCall;
  private final Ticker ticker;

  /** A loop that does nothing until it's started. */
  public DispatchLoop(Dispatcher dispatcher, AfterRestore afterRestore, RollCall rollCall) {
    this.dispatcher = dispatcher;
    this.afterRestore = afterRestore;
    this.rollCall = rollCall;
    this.ticker = new Ticker("campaign-dispatch", REST, this::turn);
  }

  private boolean turn() {
    rollCall.answer();
    return afterRestore.isDone() && dispatcher.dispatch(ticker::wake);
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
