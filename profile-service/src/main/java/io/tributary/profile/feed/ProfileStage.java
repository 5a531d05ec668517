package io.tributary.profile.feed;

import io.tributary.event.IdentityRecord;
import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.IdentityRecord.ResolvedEvent;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.profile.merge.EventFacts;
import io.tributary.profile.merge.EventFacts.IgnoredTrait;
import io.tributary.profile.merge.Families;
import io.tributary.profile.merge.ProfileKey;
import io.tributary.profile.store.EventStore;
import io.tributary.profile.store.EventStore.EventKey;
import io.tributary.profile.store.EventStore.Ignored;
import io.tributary.profile.store.EventStore.NumberedEvent;
import io.tributary.profile.store.LinkStore;
import io.tributary.profile.store.ProfileStore;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.stream.Quarantine;
import io.tributary.stream.QuarantineEntry;
import io.tributary.stream.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Stores resolved events and links, and says so on {@code profile.changes}. Idempotent by the
 * event's home, time and message id, and by the link's version.
 */
public final class ProfileStage implements Stage {
  /** Name of the stage: consumer group, control totals and quarantine carry it. */
  public static final String NAME = "profile";

  private final ProfileStore profiles;
  private final EventStore events;
  private final LinkStore links;
  private final Quarantine quarantine;
  private final ControlTotals totals;

  /** Writes to the schema {@code profile}. */
  public ProfileStage() {
    this.profiles = new ProfileStore();
    this.events = new EventStore();
    this.links = new LinkStore();
    this.quarantine = new Quarantine("profile");
    this.totals = new ControlTotals("profile", NAME);
  }

  /** A record, understood. */
  private sealed interface Step {
    /** The input that it was read from. */
    InputRecord cause();

    record Store(ProfileKey home, ResolvedEvent record, EventFacts facts, InputRecord cause)
        implements Step {}

    record Link(ProfileLink link, InputRecord cause) implements Step {}
  }

  @Override
  public List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException {
    Map<InputRecord, MalformedRecordException> refused = new LinkedHashMap<>();
    List<Step> steps = decode(records, refused);
    for (Map.Entry<InputRecord, MalformedRecordException> refusal : refused.entrySet()) {
      quarantine.add(connection, refusal(refusal.getKey(), refusal.getValue()));
    }
    Families families = new Families(profiles.lock(connection, keys(steps), claimed(steps)));
    Batch batch = new Batch(families);
    steps.forEach(batch::take);
    Set<EventKey> stored = events.insert(connection, batch.numbered);
    links.insert(connection, batch.relinked);
    events.ignore(connection, batch.fold(stored));
    profiles.update(connection, families.changed());
    List<NumberedEvent> repeated =
        batch.numbered.stream().filter(event -> !stored.contains(event.key())).toList();
    long again = repeated.stream().filter(event -> batch.again.contains(event.key())).count();
    totals.add(
        connection,
        Map.of(
            "applied",
            (long) stored.size(),
            "duplicate",
            repeated.size() - again + batch.dropped("duplicate"),
            "erased",
            batch.dropped("erased"),
            "again",
            again + batch.dropped("again"),
            "quarantined",
            (long) refused.size()));
    return batch.outputs(events.numbers(connection, repeated));
  }

  @Override
  public List<Output> reemit(Connection connection, List<InputRecord> records) throws SQLException {
    // What was refused lies in quarantine and never said anything.
    List<Step> steps = decode(records, new HashMap<>());
    List<NumberedEvent> wanted = new ArrayList<>();
    List<ProfileLink> wantedLinks = new ArrayList<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Store(ProfileKey home, ResolvedEvent record, EventFacts _, InputRecord _) ->
            wanted.add(new NumberedEvent(home, record.event(), 0));
        case Step.Link(ProfileLink link, InputRecord _) -> wantedLinks.add(link);
      }
    }
    Map<EventKey, Long> numbers = events.numbers(connection, wanted);
    Map<ProfileLink, ProfileRelinked> relinked = links.find(connection, wantedLinks);
    Map<ProfileKey, ProfileId> canonical = profiles.canonical(connection, keys(steps));
    List<Output> outputs = new ArrayList<>();
    for (Step step : steps) {
      ProfileChange change =
          switch (step) {
            case Step.Store store -> again(store, numbers, canonical);
            case Step.Link(ProfileLink link, InputRecord _) -> relinked.get(link);
          };
      if (change != null) {
        outputs.add(output(change, step.cause()));
      }
    }
    return outputs;
  }

  private static @Nullable ProfileChange again(
      Step.Store store, Map<EventKey, Long> numbers, Map<ProfileKey, ProfileId> canonical) {
    Long number = numbers.get(EventKey.of(store.home(), store.record().event()));
    ProfileId root = canonical.get(store.home());
    // Neither is there when the event was refused or its person erased.
    return number == null || root == null ? null : change(store, root, number);
  }

  private static List<Step> decode(
      List<InputRecord> records, Map<InputRecord, MalformedRecordException> refused) {
    List<Step> steps = new ArrayList<>(records.size());
    for (InputRecord record : records) {
      try {
        steps.add(decode(record));
      } catch (MalformedRecordException e) {
        refused.put(record, e);
      }
    }
    return steps;
  }

  private static Step decode(InputRecord record) {
    return switch (IdentityRecord.decode(record.value())) {
      case ResolvedEvent event ->
          new Step.Store(
              new ProfileKey(event.workspaceId(), event.profileId()),
              event,
              EventFacts.of(event.event()),
              record);
      case ProfileLink link -> {
        if (link.profileId().equals(link.mergedInto())) {
          throw new MalformedRecordException("a profile can't be merged into itself");
        }
        yield new Step.Link(link, record);
      }
    };
  }

  /** Whose traits or consent may change; a link joins what both sides claim. */
  private static Set<ProfileKey> claimed(List<Step> steps) {
    return keys(
        steps.stream()
            .filter(step ->
                switch (step) {
                  case Step.Store store ->
                      !store.facts().traits().isEmpty() || !store.facts().consent().isEmpty();
                  case Step.Link _ -> true;
                })
            .toList());
  }

  private static Set<ProfileKey> keys(List<Step> steps) {
    Set<ProfileKey> keys = new TreeSet<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Store store -> keys.add(store.home());
        case Step.Link(ProfileLink link, InputRecord _) -> {
          keys.add(new ProfileKey(link.workspaceId(), link.profileId()));
          ProfileId target = link.mergedInto();
          if (target != null) {
            keys.add(new ProfileKey(link.workspaceId(), target));
          }
        }
      }
    }
    return keys;
  }

  private static QuarantineEntry refusal(InputRecord record, MalformedRecordException reason) {
    String reasons =
        "[{\"code\":\"malformed_record\",\"path\":\"$\",\"message\":\""
            + reason.getMessage()
            + "\"}]";
    return QuarantineEntry.of(NAME, record, reasons, null);
  }

  private static ProfileEvent change(Step.Store store, ProfileId root, long number) {
    return new ProfileEvent(
        root,
        store.record().profileId(),
        number,
        store.facts().traitKeys(),
        store.record().event());
  }

  private static Output output(ProfileChange change, InputRecord cause) {
    return new Output(Topics.PROFILE_CHANGES, change.key().toString(), change.encode(), cause);
  }

  /** What one batch does, between loading and writing. */
  private static final class Batch {
    private final Families families;
    private final List<NumberedEvent> numbered = new ArrayList<>();
    private final List<LinkStore.Applied> relinked = new ArrayList<>();
    private final Map<EventKey, EventFacts> facts = new HashMap<>();
    private final Set<EventKey> seen = new HashSet<>();
    private final List<Said> said = new ArrayList<>();
    private final Map<String, Long> dropped = new HashMap<>();

    /** What identity may have said before: nobody accepted it twice, so the totals leave it out. */
    private final Set<EventKey> again = new HashSet<>();

    /** What there's to say, in the order of the records. */
    private sealed interface Said {
      record Event(Step.Store store, ProfileId root, long number) implements Said {}

      record Relink(ProfileRelinked relinked, InputRecord cause) implements Said {}
    }

    Batch(Families families) {
      this.families = families;
    }

    void take(Step step) {
      switch (step) {
        case Step.Store store -> take(store);
        case Step.Link(ProfileLink link, InputRecord cause) ->
            families
                .link(link)
                .ifPresent(done -> {
                  relinked.add(new LinkStore.Applied(link, done));
                  said.add(new Said.Relink(done, cause));
                });
      }
    }

    private void take(Step.Store store) {
      EventKey key = EventKey.of(store.home(), store.record().event());
      boolean isAgain = store.cause().again();
      if (!seen.add(key)) {
        dropped.merge(isAgain ? "again" : "duplicate", 1L, Long::sum);
        return;
      }
      OptionalLong number = families.number(store.home());
      if (number.isEmpty()) {
        dropped.merge(isAgain ? "again" : "erased", 1L, Long::sum);
        return;
      }
      if (isAgain) {
        again.add(key);
      }
      numbered.add(new NumberedEvent(store.home(), store.record().event(), number.getAsLong()));
      facts.put(key, store.facts());
      said.add(new Said.Event(store, families.canonical(store.home()), number.getAsLong()));
    }

    /** How many events had no place, by outcome. */
    long dropped(String outcome) {
      return dropped.getOrDefault(outcome, 0L);
    }

    /** Counts in what is new; what was there already has had its effect. */
    List<Ignored> fold(Set<EventKey> stored) {
      List<Ignored> ignored = new ArrayList<>();
      for (NumberedEvent event : numbered) {
        EventFacts fact = facts.get(event.key());
        if (fact != null && stored.contains(event.key())) {
          for (IgnoredTrait trait : families.fold(event.home(), fact)) {
            ignored.add(new Ignored(event.home(), event.event().messageId(), trait));
          }
        }
      }
      return ignored;
    }

    List<Output> outputs(Map<EventKey, Long> storedNumbers) {
      List<Output> outputs = new ArrayList<>(said.size());
      for (Said one : said) {
        outputs.add(
            switch (one) {
              case Said.Event(Step.Store store, ProfileId root, long number) -> {
                EventKey key = EventKey.of(store.home(), store.record().event());
                yield output(
                    change(store, root, storedNumbers.getOrDefault(key, number)), store.cause());
              }
              case Said.Relink(ProfileRelinked done, InputRecord cause) -> output(done, cause);
            });
      }
      return outputs;
    }
  }
}
