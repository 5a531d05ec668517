package io.tributary.campaign.feed;

import io.tributary.campaign.admin.Definition.Trigger;
import io.tributary.campaign.store.EnrollmentStore;
import io.tributary.campaign.store.EnrollmentStore.Enrollment;
import io.tributary.campaign.store.EnrollmentStore.Listener;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.SegmentChange;
import io.tributary.event.SegmentChange.Crossing;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.stream.Quarantine;
import io.tributary.stream.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a delivery of each entry into a segment that a campaign waits for. Once per crossing: the
 * change id is the trigger's key.
 */
public final class SegmentStage implements Stage {
  private final EnrollmentStore store;
  private final Refusing refusing;
  private final Clock clock;
  private final Wakeup wakeup;

  /**
   * A stage that refuses into this quarantine.
   *
   * @param enrolled called after a batch that made deliveries
   */
  public SegmentStage(
      EnrollmentStore store,
      Quarantine quarantine,
      ControlTotals totals,
      Clock clock,
      Runnable enrolled) {
    this.store = store;
    this.refusing = new Refusing(quarantine, totals);
    this.clock = clock;
    this.wakeup = new Wakeup(enrolled);
  }

  @Override
  public List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException {
    List<SegmentChange> entered = new ArrayList<>();
    int refused = 0;
    for (InputRecord record : records) {
      try {
        SegmentChange change = SegmentChange.decode(record.value());
        if (change.change() == Crossing.ENTERED && change.reason() != Reason.HISTORICAL) {
          entered.add(change);
        }
      } catch (MalformedRecordException e) {
        refusing.refuse(connection, record, e);
        refused++;
      }
    }
    if (!entered.isEmpty()) {
      List<Listener> listeners =
          store.listeners(
              connection,
              "segment_entered",
              entered.stream().map(SegmentChange::workspaceId).distinct().toList());
      wakeup.made(store.add(connection, enrollments(entered, listeners), clock.instant()));
    }
    refusing.count(connection, records.size() - refused, refused);
    return List.of();
  }

  @Override
  public void committed() {
    wakeup.committed();
  }

  private static List<Enrollment> enrollments(
      List<SegmentChange> entered, List<Listener> listeners) {
    List<Enrollment> enrollments = new ArrayList<>();
    for (SegmentChange change : entered) {
      for (Listener listener : listeners) {
        if (listener.workspaceId().equals(change.workspaceId())
            && listener.trigger() instanceof Trigger.SegmentEntered(String segmentId)
            && segmentId.equals(change.segmentId())
            && !change.at().isBefore(listener.activatedAt())) {
          enrollments.add(
              new Enrollment(listener, change.profileId().uuid(), change.changeId(), null));
        }
      }
    }
    return enrollments;
  }

  /** Nothing follows from a crossing but deliveries. */
  @Override
  public List<Output> reemit(Connection connection, List<InputRecord> records) {
    return List.of();
  }
}
