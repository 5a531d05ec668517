package io.tributary.identity.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;

/** Forgets messages that were seen long enough ago, in short transactions. */
public final class MessageSweep {
  private static final int BATCH = 5_000;
  private static final int MAX_BATCHES = 200;
  private final Transactions transactions;
  private final MessageStore messages = new MessageStore();
  private final Duration kept;
  private final Clock clock;

  /** Forgets what was seen longer than {@code kept} ago. */
  public MessageSweep(DataSource dataSource, Duration kept, Clock clock) {
    this.transactions = new Transactions(dataSource);
    this.kept = kept;
    this.clock = clock;
  }

  /** Works until nothing is left, or for a while; returns about how many were forgotten. */
  public long run() {
    Instant before = clock.instant().minus(kept);
    long forgotten = 0;
    for (int i = 0; i < MAX_BATCHES; i++) {
      int swept = transactions.call(connection -> messages.sweep(connection, before, BATCH));
      forgotten += swept;
      if (swept < BATCH) {
        break;
      }
    }
    return forgotten;
  }
}
