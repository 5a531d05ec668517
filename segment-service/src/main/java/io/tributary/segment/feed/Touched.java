package io.tributary.segment.feed;

import io.tributary.conditions.EventPattern;
import io.tributary.conditions.KeptPattern;
import io.tributary.event.CollectedEvent;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileChange.ProfileEvent;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.segment.membership.Behaviour.Occurrence;
import io.tributary.segment.membership.Cause;
import io.tributary.segment.membership.Definitions;
import io.tributary.segment.store.BehaviourStore.Place;
import io.tributary.segment.store.EventReader;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.ProfileReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** What a batch of profile changes touches, gathered before anything is locked. */
final class Touched {
  private final Map<ProfileKey, Map<String, Cause>> causes = new TreeMap<>();
  private final Set<ProfileKey> active = new HashSet<>();
  private final Map<ProfileKey, Cause> lastEvent = new HashMap<>();
  private final Map<ProfileKey, ProfileKey> hintOf = new HashMap<>();
  private final Map<Place, List<Occurrence>> occurrences = new HashMap<>();
  private final Map<ProfileKey, Reason> relinked = new TreeMap<>();
  private final List<ProfileErased> erased = new ArrayList<>();

  void add(ProfileEvent change, Definitions definitions) {
    if (definitions.isEmpty()) {
      return;
    }
    CollectedEvent event = change.event();
    ProfileKey home = new ProfileKey(change.workspaceId(), change.homeId());
    hintOf.put(home, home.sibling(change.profileId()));
    Cause cause =
        new Cause(event.historical() ? Reason.HISTORICAL : Reason.EVENT, event.messageId());
    lastEvent.merge(home, cause, Cause::stronger);
    Set<String> segmentIds = new HashSet<>();
    change.traitKeys().forEach(key -> segmentIds.addAll(definitions.byTrait(key)));
    JsonNode tree = null;
    for (KeptPattern kept : definitions.patternsFor(event.type().wire(), event.label())) {
      EventPattern pattern = kept.pattern();
      if (tree == null) {
        tree =
            pattern.where().isEmpty()
                ? NullNode.instance
                : ProfileReader.EXACT.readTree(event.json().toBytes());
      } else if (tree.isNull() && !pattern.where().isEmpty()) {
        tree = ProfileReader.EXACT.readTree(event.json().toBytes());
      }
      if (pattern.matches(event.type().wire(), event.label(), tree)) {
        active.add(home);
        occurrences
            .computeIfAbsent(new Place(home, pattern.id()), _ -> new ArrayList<>())
            .add(occurrence(event));
        segmentIds.addAll(definitions.byPattern(pattern.id()));
      }
    }
    Map<String, Cause> own = causes.computeIfAbsent(home, _ -> new HashMap<>());
    segmentIds.forEach(segmentId -> own.merge(segmentId, cause, Cause::stronger));
    if (!segmentIds.isEmpty()) {
      active.add(home);
    }
  }

  private static Occurrence occurrence(CollectedEvent event) {
    return new Occurrence(
        EventReader.micros(event.timestamp()), EventReader.messageHash(event.messageId()));
  }

  void add(ProfileRelinked change) {
    Reason reason = change.canonicalId().equals(change.profileId()) ? Reason.SPLIT : Reason.MERGE;
    ProfileKey key = new ProfileKey(change.workspaceId(), change.profileId());
    relinked.put(key, reason);
    relinked.put(key.sibling(change.canonicalId()), reason);
    relinked.put(key.sibling(change.previousCanonicalId()), reason);
  }

  void add(ProfileErased change) {
    erased.add(change);
  }

  /** The homes that had events. */
  Set<ProfileKey> homes() {
    return hintOf.keySet();
  }

  /** The root of a home, as profile-service saw it. */
  ProfileKey hint(ProfileKey home) {
    return hintOf.getOrDefault(home, home);
  }

  /** Whether the events of the home touch any segment. */
  boolean touchesSomething(ProfileKey home) {
    return active.contains(home);
  }

  Map<String, Cause> causes(ProfileKey home) {
    return causes.getOrDefault(home, Map.of());
  }

  /** The last event of the home in this batch, as the cause for a profile that is new. */
  Cause lastEvent(ProfileKey home) {
    return Objects.requireNonNull(lastEvent.get(home));
  }

  /** What the homes did. */
  Map<Place, List<Occurrence>> occurrences() {
    return occurrences;
  }

  Map<ProfileKey, Reason> relinked() {
    return relinked;
  }

  List<ProfileErased> erased() {
    return erased;
  }
}
