package io.tributary.identity.feed;

import io.tributary.event.CollectedEvent;
import io.tributary.event.IdentityRecord;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.IdentityRecord.ResolvedEvent;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.identity.resolve.Decisions;
import io.tributary.identity.resolve.Decisions.Merge;
import io.tributary.identity.resolve.Decisions.Resolution;
import io.tributary.identity.resolve.Extraction;
import io.tributary.identity.store.MergeLog;
import io.tributary.identity.store.MessageKey;
import io.tributary.identity.store.MessageStore;
import io.tributary.identity.store.MessageStore.Duplicate;
import io.tributary.identity.store.MessageStore.Place;
import io.tributary.identity.store.MessageStore.Taken;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.stream.Quarantine;
import io.tributary.stream.QuarantineEntry;
import io.tributary.stream.Refusals;
import io.tributary.stream.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Savepoint;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Drops what was seen before, decides whose the rest is, and says so. Idempotent by the place of
 * each message in the log, which is kept with the message: the same place again is said again,
 * another place is a duplicate.
 */
public final class IdentityFeed implements Stage {
  /** The stage's name in quarantine, and its consumer group. */
  public static final String NAME = "identity";

  private final Extraction extraction;
  private final Deciding deciding;
  private final MessageStore messages = new MessageStore();
  private final MergeLog mergeLog = new MergeLog();
  private final Quarantine quarantine = new Quarantine(NAME);
  private final ControlTotals totals = new ControlTotals(NAME, NAME);
  private final Clock clock;

  /** A feed; safe for use by several threads. */
  public IdentityFeed(Extraction extraction, Deciding deciding, Clock clock) {
    this.extraction = extraction;
    this.deciding = deciding;
    this.clock = clock;
  }

  @Override
  public List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    List<Intake> usable = usable(connection, records);
    Map<MessageKey, Intake> firsts = new LinkedHashMap<>();
    usable.forEach(intake -> firsts.putIfAbsent(intake.key(), intake));
    Accepted accepted = accept(connection, firsts, now);
    deciding.write(connection, accepted.decisions(), accepted.fresh(), now);
    List<Duplicate> duplicates = duplicates(usable, firsts, accepted.before());
    messages.insertDuplicates(connection, duplicates, now);
    totals.add(
        connection,
        Map.of(
            "resolved", (long) accepted.fresh().size(),
            "duplicate", (long) duplicates.size(),
            "quarantined", (long) records.size() - usable.size()));
    return outputs(accepted.fresh(), accepted.decisions(), now);
  }

  /** What takes effect, and where those lie that had before. */
  private record Accepted(List<Intake> fresh, Decisions decisions, Map<MessageKey, Taken> before) {}

  /**
   * Decides as if no message had been seen before, since hardly any has, and notes the messages;
   * what turns out to be a duplicate is left out of a second decision.
   */
  private Accepted accept(Connection connection, Map<MessageKey, Intake> firsts, Instant now)
      throws SQLException {
    Savepoint undecided = connection.setSavepoint();
    List<Intake> all = List.copyOf(firsts.values());
    Decisions decisions = deciding.decide(connection, all, now);
    Set<MessageKey> seen = messages.insert(connection, taken(all, decisions), now);
    if (seen.isEmpty()) {
      connection.releaseSavepoint(undecided);
      return new Accepted(all, decisions, Map.of());
    }
    connection.rollback(undecided);
    Map<MessageKey, Taken> before = messages.find(connection, seen);
    List<Intake> fresh = all.stream().filter(intake -> !seen.contains(intake.key())).toList();
    Decisions again = deciding.decide(connection, fresh, now);
    if (!messages.insert(connection, taken(fresh, again), now).isEmpty()) {
      throw new SQLTransactionRollbackException(
          "another batch took messages of this one in between", "40001");
    }
    return new Accepted(fresh, again, before);
  }

  private static List<Taken> taken(List<Intake> intakes, Decisions decisions) {
    List<Taken> taken = new ArrayList<>(intakes.size());
    for (int i = 0; i < intakes.size(); i++) {
      Intake intake = intakes.get(i);
      taken.add(new Taken(intake.key(), intake.place(), decisions.resolutions().get(i)));
    }
    return taken;
  }

  /** What can be read and names somebody; the rest goes to quarantine. */
  private List<Intake> usable(Connection connection, List<InputRecord> records)
      throws SQLException {
    List<Intake> usable = new ArrayList<>(records.size());
    for (InputRecord record : records) {
      try {
        Intake intake = read(record);
        if (intake.incoming().isUsable()) {
          usable.add(intake);
        } else {
          quarantine.add(connection, unusable(intake));
        }
      } catch (MalformedRecordException e) {
        String reason = Refusals.reason("malformed_record", String.valueOf(e.getMessage()));
        quarantine.add(connection, QuarantineEntry.of(NAME, record, reason, null));
      }
    }
    return usable;
  }

  private Intake read(InputRecord record) {
    CollectedEvent event = CollectedEvent.decode(record.value());
    MessageKey key = MessageKey.of(event.workspaceId(), event.messageId());
    return new Intake(record, event, extraction.read(event), key);
  }

  private static QuarantineEntry unusable(Intake intake) {
    InputRecord record = intake.record();
    CollectedEvent event = intake.event();
    return new QuarantineEntry(
        event.workspaceId(),
        event.sourceId(),
        NAME,
        event.messageId(),
        Refusals.reason(
            "no_usable_identifier",
            "None of the event's identifiers can name a person: each is blank, too long, or a value"
                + " such as null or anonymous that many people share."),
        record.value(),
        record.topic(),
        record.partition(),
        record.offset());
  }

  private static List<Duplicate> duplicates(
      List<Intake> usable, Map<MessageKey, Intake> firsts, Map<MessageKey, Taken> before) {
    List<Duplicate> duplicates = new ArrayList<>();
    for (Intake intake : usable) {
      Taken seen = before.get(intake.key());
      Intake first = Objects.requireNonNull(firsts.get(intake.key()));
      if (seen != null || !first.place().equals(intake.place())) {
        CollectedEvent event = intake.event();
        Place place = seen == null ? first.place() : seen.place();
        duplicates.add(
            new Duplicate(event.workspaceId(), event.messageId(), intake.place(), place));
      }
    }
    return duplicates;
  }

  private static List<Output> outputs(List<Intake> fresh, Decisions decisions, Instant now) {
    Map<Place, List<ProfileLink>> links = new HashMap<>();
    for (Merge merge : decisions.merges()) {
      links
          .computeIfAbsent(fresh.get(merge.event()).place(), _ -> new ArrayList<>(1))
          .add(link(merge, now));
    }
    List<Output> outputs = new ArrayList<>(fresh.size() + decisions.merges().size());
    for (int i = 0; i < fresh.size(); i++) {
      say(fresh.get(i), decisions.resolutions().get(i), links, outputs);
    }
    return outputs;
  }

  private static ProfileLink link(Merge merge, Instant at) {
    ProfileId survivor = new ProfileId(merge.survivor());
    return new ProfileLink(
        merge.workspaceId(),
        new ProfileId(merge.absorbed()),
        survivor,
        survivor,
        merge.version(),
        merge.id(),
        merge.cause().reason(),
        at);
  }

  /** The links that an event caused, then the event. */
  private static void say(
      Intake intake,
      Resolution resolution,
      Map<Place, List<ProfileLink>> links,
      List<Output> outputs) {
    links
        .getOrDefault(intake.place(), List.of())
        .forEach(link -> outputs.add(output(link, intake)));
    outputs.add(
        output(
            new ResolvedEvent(
                new ProfileId(resolution.home()),
                new ProfileId(resolution.canonical()),
                intake.event()),
            intake));
  }

  private static Output output(IdentityRecord record, Intake intake) {
    return new Output(
        Topics.IDENTITY_EVENTS, record.key().toString(), record.encode(), intake.record());
  }

  @Override
  public List<Output> reemit(Connection connection, List<InputRecord> records) throws SQLException {
    List<Intake> read = new ArrayList<>(records.size());
    for (InputRecord record : records) {
      try {
        read.add(read(record));
      } catch (MalformedRecordException _) {
        // It was put into quarantine when it was applied, and nothing was said about it.
      }
    }
    Map<MessageKey, Taken> taken =
        messages.find(connection, read.stream().map(Intake::key).distinct().toList());
    Map<Place, List<ProfileLink>> links =
        mergeLog.causedBy(connection, read.stream().map(Intake::place).toList());
    List<Output> outputs = new ArrayList<>();
    for (Intake intake : read) {
      Taken known = taken.get(intake.key());
      if (known != null && known.place().equals(intake.place())) {
        say(intake, known.resolution(), links, outputs);
      }
    }
    return outputs;
  }
}
