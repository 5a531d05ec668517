package io.tributary.profile.merge;

import io.tributary.event.ProfileId;
import io.tributary.profile.merge.EventFacts.IgnoredTrait;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One profile id with what its own events said. A merge leaves it as it is and only links it.
 *
 * @param canonicalId the root of its links
 * @param mergedInto the profile it's linked to; null when it stands by itself
 * @param linkVersion counts the changes of the link; 0 when it never had one
 * @param linkedMicros when the link last changed; 0 when it never did
 * @param firstSeen of its events, in microseconds
 * @param lastSeen of its events in which the person was active
 * @param changeNo counts what happened to it while it was a root; never goes back
 * @param erased whether only the id is left
 */
public record Home(
    ProfileKey key,
    ProfileId canonicalId,
    @Nullable ProfileId mergedInto,
    long linkVersion,
    long linkedMicros,
    Claims traits,
    Claims consent,
    long eventCount,
    @Nullable Long firstSeen,
    @Nullable Long lastSeen,
    long changeNo,
    boolean erased) {
  /** How many traits, removed ones included, a home remembers. */
  public static final int MAX_TRAITS = 500;

  /** A profile of which nothing is known yet. */
  public static Home create(ProfileKey key) {
    return new Home(key, key.id(), null, 0, 0, Claims.NONE, Claims.NONE, 0, null, null, 0, false);
  }

  /** Whether it's the canonical profile of its family. */
  public boolean isRoot() {
    return key.id().equals(canonicalId);
  }

  /** This home after one more event. */
  public record Folded(Home home, List<IgnoredTrait> ignored) {}

  /** Counts an event in. Doing so in any order gives the same home, but never twice for one. */
  public Folded fold(EventFacts facts) {
    List<IgnoredTrait> ignored = new ArrayList<>(facts.ignored());
    Claims newTraits = facts.traits().isEmpty() ? traits : traits.with(kept(facts, ignored));
    Claims newConsent = facts.consent().isEmpty() ? consent : consent.with(facts.consent());
    Home home =
        new Home(
            key,
            canonicalId,
            mergedInto,
            linkVersion,
            linkedMicros,
            newTraits,
            newConsent,
            eventCount + 1,
            Micros.earlier(firstSeen, facts.micros()),
            facts.active() ? Micros.later(lastSeen, facts.micros()) : lastSeen,
            changeNo,
            erased);
    return new Folded(home, ignored);
  }

  /** Beyond the limit a new trait isn't taken; here alone arrival decides, and it's recorded. */
  private Map<String, Claim> kept(EventFacts facts, List<IgnoredTrait> ignored) {
    Map<String, Claim> known = traits.asMap();
    if (known.size() + facts.traits().size() <= MAX_TRAITS) {
      return facts.traits();
    }
    Map<String, Claim> kept = new LinkedHashMap<>();
    int room = MAX_TRAITS - known.size();
    for (Map.Entry<String, Claim> trait : facts.traits().entrySet()) {
      if (known.containsKey(trait.getKey()) || room-- > 0) {
        kept.put(trait.getKey(), trait.getValue());
      } else {
        ignored.add(new IgnoredTrait(trait.getKey(), "too_many_traits"));
      }
    }
    return kept;
  }

  /** The same home with what it claims. */
  public Home claiming(Claims traitClaims, Claims consentClaims) {
    return new Home(
        key,
        canonicalId,
        mergedInto,
        linkVersion,
        linkedMicros,
        traitClaims,
        consentClaims,
        eventCount,
        firstSeen,
        lastSeen,
        changeNo,
        erased);
  }

  Home linked(@Nullable ProfileId target, long version, long micros) {
    return new Home(
        key,
        canonicalId,
        target,
        version,
        micros,
        traits,
        consent,
        eventCount,
        firstSeen,
        lastSeen,
        changeNo,
        erased);
  }

  Home rooted(ProfileId root) {
    return new Home(
        key,
        root,
        mergedInto,
        linkVersion,
        linkedMicros,
        traits,
        consent,
        eventCount,
        firstSeen,
        lastSeen,
        changeNo,
        erased);
  }

  Home numbered(long number) {
    return new Home(
        key,
        canonicalId,
        mergedInto,
        linkVersion,
        linkedMicros,
        traits,
        consent,
        eventCount,
        firstSeen,
        lastSeen,
        number,
        erased);
  }
}
