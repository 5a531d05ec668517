package io.tributary.campaign.feed;

import io.tributary.campaign.store.RunStore;
import io.tributary.campaign.store.RunStore.Run;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Enrolls the members of a segment for campaigns that are sent once. Piece by piece: a piece's
 * deliveries and the place it came to are one transaction, so a crash anywhere loses and doubles
 * nothing.
 */
public final class OnceEnroller {
  private static final Logger LOG = LoggerFactory.getLogger(OnceEnroller.class);
  private final RunStore store;
  private final TransactionTemplate transaction;
  private final int piece;
  private final Clock clock;

  /** An enroller that takes so many members at a time. */
  public OnceEnroller(RunStore store, TransactionTemplate transaction, int piece, Clock clock) {
    this.store = store;
    this.transaction = transaction;
    this.piece = piece;
    this.clock = clock;
  }

  /** Does one piece of work; answers whether there is more. */
  public boolean work() {
    boolean more = Boolean.TRUE.equals(transaction.execute(status -> enroll()));
    if (!more) {
      List<String> finished =
          Objects.requireNonNull(transaction.execute(status -> store.finish(clock.instant())));
      finished.forEach(id -> LOG.info("campaign action=finish id={}", id));
    }
    return more;
  }

  private boolean enroll() {
    List<Run> runs = store.next();
    if (runs.isEmpty()) {
      return false;
    }
    Run run = runs.getFirst();
    List<UUID> members = store.members(run, piece);
    if (!members.isEmpty()) {
      store.enroll(run, members, clock.instant());
    }
    if (members.size() < piece) {
      store.done(run, clock.instant());
      LOG.info("campaign action=enrolled id={} run={}", run.campaignId(), run.id());
    }
    return true;
  }
}
