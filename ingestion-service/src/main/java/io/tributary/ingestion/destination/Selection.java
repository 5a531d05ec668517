package io.tributary.ingestion.destination;

import io.tributary.event.Json;
import io.tributary.event.JsonBytes;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.ProfileChange;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.event.RawJson;
import io.tributary.event.SegmentChange;
import io.tributary.event.Topics;
import io.tributary.ingestion.destination.Definition.Sends;
import io.tributary.ingestion.destination.People.Person;
import io.tributary.ingestion.transform.Transformation;
import io.tributary.stream.InputRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What one destination is told of the records of the log. */
final class Selection {
  private static final Logger LOG = LoggerFactory.getLogger(Selection.class);

  /** Goes out in any case: the receiver has to forget somebody. */
  static final String ERASED = "profile.erased";

  private static final String EXITED = "segment.exited";

  /** How a person is; not what has happened. */
  static final String STATE = "profile.changed";

  private final String workspaceId;
  private final String destinationId;
  private final Definition definition;
  private final People people;

  Selection(String workspaceId, String destinationId, Definition definition, People people) {
    this.workspaceId = workspaceId;
    this.destinationId = destinationId;
    this.definition = definition;
    this.people = people;
  }

  /**
   * What became of a batch of records.
   *
   * @param received what it could have been told of
   * @param filtered what it isn't told of
   */
  record Chosen(List<Message> messages, long received, long filtered) {}

  /** Something that happened to a profile, before anything is known of its person. */
  private sealed interface Happening {
    ProfileId profile();

    ProfileId home();

    record Event(ProfileId profile, ProfileId home, ProfileEvent change, ObjectNode tree)
        implements Happening {}

    record Crossing(ProfileId profile, SegmentChange change) implements Happening {
      @Override
      public ProfileId home() {
        return profile;
      }
    }

    /**
     * A person has another state.
     *
     * @param mark tells this state from others of the profile
     */
    record State(ProfileId profile, String mark, Instant at) implements Happening {
      @Override
      public ProfileId home() {
        return profile;
      }
    }

    record Relink(ProfileId profile, ProfileRelinked change) implements Happening {
      @Override
      public ProfileId home() {
        return change.profileId();
      }
    }

    record Erasure(ProfileId profile, ProfileErased change) implements Happening {
      @Override
      public ProfileId home() {
        return profile;
      }
    }
  }

  /** The messages that records are worth, in the records' order. */
  Chosen of(List<InputRecord> records) {
    Read read = new Read();
    records.forEach(read::take);
    List<Happening> happenings = read.happenings();
    Set<ProfileId> profiles = new HashSet<>();
    boolean persons = definition.consent() != null;
    for (Happening each : happenings) {
      profiles.add(each.profile());
      profiles.add(each.home());
      persons |= each instanceof Happening.Crossing || each instanceof Happening.State;
    }
    Set<ProfileId> blocked = people.blocked(workspaceId, profiles);
    Map<ProfileId, Person> known = persons ? people.people(workspaceId, profiles) : Map.of();
    List<Message> messages = new ArrayList<>(happenings.size());
    for (Happening each : happenings) {
      if (isAllowed(each, blocked, known)) {
        message(each, Optional.ofNullable(known.get(each.profile()))).ifPresent(messages::add);
      }
    }
    return new Chosen(messages, read.received(), read.received() - messages.size());
  }

  private boolean isAllowed(Happening each, Set<ProfileId> blocked, Map<ProfileId, Person> known) {
    return each instanceof Happening.Erasure
        || isAllowed(each.profile(), each.home(), isExit(each), blocked, known);
  }

  private static boolean isExit(Happening each) {
    return each instanceof Happening.Crossing(ProfileId _, SegmentChange change)
        && change.change() == SegmentChange.Crossing.EXITED;
  }

  /**
   * Whether something may be told.
   *
   * @param exit whether it takes somebody away: that needs no consent
   */
  private boolean isAllowed(
      ProfileId profile,
      ProfileId home,
      boolean exit,
      Set<ProfileId> blocked,
      Map<ProfileId, Person> known) {
    if (blocked.contains(profile) || blocked.contains(home)) {
      return false;
    }
    // The person that has the event now: since it was applied a merge may have been undone.
    Person person = known.get(home);
    return exit
        || definition.consent() == null
        || (person != null && person.hasGranted(definition.consent()));
  }

  /**
   * What waits, as it may be sent now, by id: without what is about people who were blocked or say
   * no, and states as they are by now. Else one that has waited long would undo those after it.
   */
  Map<String, Message> current(List<Message> messages) {
    Set<ProfileId> profiles = new HashSet<>();
    boolean persons = definition.consent() != null;
    for (Message each : messages) {
      profiles.add(each.profile());
      profiles.add(each.home());
      persons |= each.type().equals(STATE);
    }
    Set<ProfileId> blocked = people.blocked(workspaceId, profiles);
    Map<ProfileId, Person> known = persons ? people.people(workspaceId, profiles) : Map.of();
    Map<String, Message> current = new HashMap<>();
    for (Message each : messages) {
      if (each.type().equals(ERASED)
          || isAllowed(each.profile(), each.home(), each.type().equals(EXITED), blocked, known)) {
        current(each, Optional.ofNullable(known.get(each.profile())))
            .ifPresent(message -> current.put(message.id(), message));
      }
    }
    return current;
  }

  private Optional<Message> current(Message waiting, Optional<Person> person) {
    return waiting.type().equals(STATE)
        ? person.flatMap(who -> state(waiting.id(), waiting.profile(), waiting.timestamp(), who))
        : Optional.of(waiting);
  }

  private Optional<Message> message(Happening each, Optional<Person> person) {
    return switch (each) {
      case Happening.Event event -> message(event);
      case Happening.Crossing crossing -> person.flatMap(who -> message(crossing, who));
      case Happening.State state -> person.flatMap(who -> message(state, who));
      case Happening.Relink relink -> Optional.of(message(relink));
      case Happening.Erasure erasure -> Optional.of(message(erasure));
    };
  }

  private Optional<Message> message(Happening.Event event) {
    return changed(event.tree())
        .map(tree ->
            message(
                Message.id(
                    destinationId,
                    "event",
                    event.change().event().messageId(),
                    event.change().event().receivedAt().toString()),
                About.of(event),
                "event",
                event.change().event().timestamp(),
                new JsonBytes(1_024)
                    .plain("profileId", event.profile())
                    .raw("event", RawJson.of(tree))));
  }

  private Optional<Message> message(Happening.Crossing crossing, Person person) {
    SegmentChange change = crossing.change();
    return changed(person.json())
        .map(profile ->
            message(
                Message.id(destinationId, "segment", change.changeId()),
                new About(crossing.profile(), person.root()),
                "segment." + change.change().wire(),
                change.at(),
                new JsonBytes(1_024)
                    .text("changeId", change.changeId())
                    .text("segmentId", change.segmentId())
                    .number("segmentVersion", change.segmentVersion())
                    .plain("profileId", change.profileId())
                    .plain("reason", change.reason().wire())
                    .text("messageId", change.messageId())
                    .raw("profile", RawJson.of(profile))));
  }

  private Optional<Message> message(Happening.State state, Person person) {
    String id = Message.id(destinationId, "profile", state.profile().toString(), state.mark());
    return state(id, state.profile(), state.at(), person);
  }

  private Optional<Message> state(String id, ProfileId profile, Instant at, Person person) {
    return changed(person.json())
        .map(json ->
            message(
                id,
                new About(profile, person.root()),
                STATE,
                at,
                new JsonBytes(1_024)
                    .plain("profileId", person.root())
                    .raw("profileIds", RawJson.of(Json.MAPPER.valueToTree(person.parts())))
                    .raw("profile", RawJson.of(json))));
  }

  private Message message(Happening.Relink relink) {
    ProfileRelinked change = relink.change();
    boolean merged = !change.canonicalId().equals(change.profileId());
    return message(
        Message.id(
            destinationId,
            "link",
            change.profileId().toString(),
            change.mergeId(),
            Long.toString(change.changeNo())),
        About.of(relink),
        merged ? "profile.merged" : "profile.split",
        change.at(),
        new JsonBytes(400)
            .plain("profileId", change.profileId())
            .plain("canonicalId", change.canonicalId())
            .plain("previousCanonicalId", change.previousCanonicalId())
            .text("mergeId", change.mergeId())
            .text("reason", change.reason()));
  }

  private Message message(Happening.Erasure erasure) {
    ProfileErased change = erasure.change();
    return message(
        Message.id(destinationId, "erased", change.requestId(), change.profileId().toString()),
        About.of(erasure),
        ERASED,
        change.at(),
        new JsonBytes(160)
            .plain("profileId", change.profileId())
            .text("requestId", change.requestId()));
  }

  /**
   * Whom a message is about.
   *
   * @param home whose erasure takes it away
   */
  private record About(ProfileId profile, ProfileId home) {
    static About of(Happening happening) {
      return new About(happening.profile(), happening.home());
    }
  }

  private static Message message(String id, About about, String type, Instant at, JsonBytes data) {
    return Message.of(id, about.profile(), about.home(), type, at, data.close());
  }

  /** The tree with the steps done to it; empty where they say that it may not pass. */
  private Optional<ObjectNode> changed(ObjectNode tree) {
    Optional<Transformation> steps = definition.steps();
    return steps.isEmpty() || steps.get().apply(tree).refusals().isEmpty()
        ? Optional.of(tree)
        : Optional.empty();
  }

  /** Reads records one by one. */
  private final class Read {
    private final Map<String, Happening> happenings = new LinkedHashMap<>();
    private long others;

    List<Happening> happenings() {
      return List.copyOf(happenings.values());
    }

    long received() {
      return others + happenings.size();
    }

    void take(InputRecord record) {
      try {
        if (record.topic().equals(Topics.SEGMENT_CHANGES)) {
          take(record, SegmentChange.decode(record.value()));
        } else {
          take(record, ProfileChange.decode(record.value()));
        }
      } catch (MalformedRecordException e) {
        // The stages put such records into quarantine, where people see them.
        LOG.warn(
            "destination={} topic={} partition={} offset={} outcome=unreadable",
            destinationId,
            record.topic(),
            record.partition(),
            record.offset());
      }
    }

    private void take(InputRecord record, SegmentChange change) {
      if (change.workspaceId().equals(workspaceId) && sends(Sends.SEGMENTS)) {
        boolean wanted =
            definition.segments().isEmpty() || definition.segments().contains(change.segmentId());
        add(record, wanted, new Happening.Crossing(change.profileId(), change));
      }
    }

    private void take(InputRecord record, ProfileChange change) {
      if (!change.workspaceId().equals(workspaceId)) {
        return;
      }
      switch (change) {
        case ProfileEvent event -> {
          if (sends(Sends.EVENTS)) {
            ObjectNode tree = (ObjectNode) event.event().json().exactTree();
            add(
                record,
                wants(event, tree),
                new Happening.Event(event.profileId(), event.homeId(), event, tree));
          }
          if (sends(Sends.PROFILES) && !event.traitKeys().isEmpty()) {
            state(event.profileId(), Long.toString(event.changeNo()), event.event().receivedAt());
          }
        }
        case ProfileRelinked link -> {
          if (sends(Sends.PROFILES)) {
            add(record, true, new Happening.Relink(link.canonicalId(), link));
            String mark = link.mergeId() + "/" + link.changeNo();
            state(link.canonicalId(), mark, link.at());
            if (link.canonicalId().equals(link.profileId())) {
              state(link.previousCanonicalId(), mark, link.at());
            }
          }
        }
        case ProfileErased person -> {
          if (sends(Sends.ERASURES)) {
            add(record, true, new Happening.Erasure(person.profileId(), person));
          }
        }
      }
    }

    private boolean sends(Sends what) {
      return definition.sends().contains(what);
    }

    private boolean wants(ProfileEvent event, ObjectNode tree) {
      return (definition.sources().isEmpty()
              || definition.sources().contains(event.event().sourceId()))
          && meant(tree.path("integrations"))
          && definition.only().matches(tree, false);
    }

    /** What the sender says of who may have the event: by name, or of all that it doesn't name. */
    private boolean meant(JsonNode integrations) {
      JsonNode own = integrations.path(definition.name());
      JsonNode said = own.isMissingNode() ? integrations.path("All") : own;
      return !said.isBoolean() || said.booleanValue();
    }

    private void add(InputRecord record, boolean wanted, Happening happening) {
      if (wanted) {
        happenings.put(
            record.topic() + "/" + record.partition() + "/" + record.offset(), happening);
      } else {
        others++;
      }
    }

    /** Of several states of a person in one batch only the last is told. */
    private void state(ProfileId profile, String mark, Instant at) {
      String key = "state " + profile;
      happenings.remove(key);
      happenings.put(key, new Happening.State(profile, mark, at));
    }
  }
}
