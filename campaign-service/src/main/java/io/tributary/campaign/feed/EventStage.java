package io.tributary.campaign.feed;

import io.tributary.campaign.admin.Definition.Trigger;
import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.store.EnrollmentStore;
import io.tributary.campaign.store.EnrollmentStore.Enrollment;
import io.tributary.campaign.store.EnrollmentStore.Listener;
import io.tributary.campaign.store.ErasureStore;
import io.tributary.campaign.store.Locks;
import io.tributary.campaign.store.SuppressionStore;
import io.tributary.campaign.track.SigningKey;
import io.tributary.conditions.EventPattern;
import io.tributary.event.CollectedEvent;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
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
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import tools.jackson.databind.JsonNode;

/**
 * Makes a delivery of each event that a campaign waits for, suppresses addresses that mail
 * providers say to want nothing more, and deletes what is kept about erased people. Once per event:
 * the message id is the trigger's key.
 */
public final class EventStage implements Stage {
  private final EnrollmentStore store;
  private final ErasureStore erasures;
  private final SigningKey key;
  private final Refusing refusing;
  private final Clock clock;
  private final Wakeup wakeup;

  /**
   * A stage that refuses into this quarantine.
   *
   * @param enrolled called after a batch that made deliveries
   */
  public EventStage(
      EnrollmentStore store,
      ErasureStore erasures,
      SigningKey key,
      Quarantine quarantine,
      ControlTotals totals,
      Clock clock,
      Runnable enrolled) {
    this.store = store;
    this.erasures = erasures;
    this.key = key;
    this.refusing = new Refusing(quarantine, totals);
    this.clock = clock;
    this.wakeup = new Wakeup(enrolled);
  }

  @Override
  public List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException {
    List<ProfileEvent> events = new ArrayList<>();
    List<ProfileErased> erased = new ArrayList<>();
    int refused = 0;
    for (InputRecord record : records) {
      try {
        switch (ProfileChange.decode(record.value())) {
          case ProfileEvent event -> events.add(event);
          case ProfileErased person -> erased.add(person);
          case ProfileRelinked _ -> {
            // Whom a delivery belongs to is looked up when it's claimed.
          }
        }
      } catch (MalformedRecordException e) {
        refusing.refuse(connection, record, e);
        refused++;
      }
    }
    suppress(connection, events);
    enroll(connection, events);
    for (ProfileErased person : erased) {
      erasures.erase(
          connection,
          person.workspaceId(),
          person.profileId().uuid(),
          person.requestId(),
          clock.instant());
    }
    refusing.count(connection, records.size() - refused, refused);
    return List.of();
  }

  @Override
  public void committed() {
    wakeup.committed();
  }

  /** Whom a provider says to want nothing more, or to be unreachable, gets nothing more. */
  private void suppress(Connection connection, List<ProfileEvent> events) {
    List<ProviderNotice> notices =
        events.stream().flatMap(event -> ProviderNotice.of(event.event()).stream()).toList();
    if (notices.isEmpty()) {
      return;
    }
    JdbcClient jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    SuppressionStore suppressions = new SuppressionStore(jdbc, key);
    // All locks at once, in their order: two batches may have the same addresses in another one.
    new Locks(jdbc)
        .take(
            notices.stream()
                .map(notice ->
                    SuppressionStore.lockKey(
                        notice.workspaceId(), Channel.EMAIL, hash(suppressions, notice)))
                .toList());
    for (ProviderNotice notice : notices) {
      suppressions.add(
          notice.workspaceId(),
          Channel.EMAIL,
          hash(suppressions, notice),
          notice.address(),
          notice.reason(),
          clock.instant());
    }
  }

  private static byte[] hash(SuppressionStore suppressions, ProviderNotice notice) {
    return suppressions.hash(notice.workspaceId(), Channel.EMAIL, notice.address());
  }

  private void enroll(Connection connection, List<ProfileEvent> events) throws SQLException {
    if (events.isEmpty()) {
      return;
    }
    List<Listener> listeners =
        store.listeners(
            connection,
            "event",
            events.stream().map(ProfileEvent::workspaceId).distinct().toList());
    if (listeners.isEmpty()) {
      return;
    }
    List<Enrollment> enrollments = new ArrayList<>();
    for (ProfileEvent event : events) {
      for (Listener listener : listeners) {
        if (starts(listener, event.event())) {
          enrollments.add(
              new Enrollment(
                  listener,
                  event.profileId().uuid(),
                  event.event().messageId(),
                  event.event().json().toString()));
        }
      }
    }
    wakeup.made(store.add(connection, enrollments, clock.instant()));
  }

  private static boolean starts(Listener listener, CollectedEvent event) {
    if (!listener.workspaceId().equals(event.workspaceId())
        || !(listener.trigger() instanceof Trigger.OnEvent(EventPattern pattern))
        || event.historical()
        || event.timestamp().isBefore(listener.activatedAt())
        || !pattern.type().wireName().equals(event.type().wire())
        || (pattern.name() != null && !Objects.equals(pattern.name(), event.label()))) {
      return false;
    }
    JsonNode tree = event.json().tree();
    return !isAboutCampaign(tree, listener.campaignId())
        && pattern.matches(event.type().wire(), event.label(), tree);
  }

  /** What a campaign's own messages cause must not start it again. */
  private static boolean isAboutCampaign(JsonNode event, String campaignId) {
    return campaignId.equals(event.path("properties").path("campaign_id").asString(""));
  }

  /** Nothing follows from an event but deliveries. */
  @Override
  public List<Output> reemit(Connection connection, List<InputRecord> records) {
    return List.of();
  }
}
