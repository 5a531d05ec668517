package io.tributary.profile.merge;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.profile.merge.EventFacts.IgnoredTrait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The profiles that a batch touches, whole families of them, and what becomes of them record by
 * record. Lives for one batch; the result is {@link #changed}.
 */
public final class Families {
  private final Map<ProfileKey, Home> homes = new HashMap<>();
  private final Map<ProfileKey, Set<ProfileKey>> members = new HashMap<>();
  private final Map<ProfileKey, Home> before = new HashMap<>();
  private final Set<ProfileKey> relinked = new HashSet<>();

  /** Starts with complete families: with a home all others of the same root. */
  public Families(Collection<Home> loaded) {
    for (Home home : loaded) {
      homes.put(home.key(), home);
      before.put(home.key(), home);
      members.computeIfAbsent(root(home), key -> new TreeSet<>()).add(home.key());
    }
  }

  /**
   * Gives an event of this home its number among what happened to the canonical profile.
   *
   * @return empty when the person was erased: the event must leave no trace
   */
  public OptionalLong number(ProfileKey key) {
    Home home = get(key);
    if (home.erased()) {
      return OptionalLong.empty();
    }
    Home root = get(root(home));
    Home numbered = root.numbered(root.changeNo() + 1);
    homes.put(numbered.key(), numbered);
    return OptionalLong.of(numbered.changeNo());
  }

  /** The canonical profile at this moment. */
  public ProfileId canonical(ProfileKey key) {
    return get(key).canonicalId();
  }

  /** Counts an event in; to be called once per event. */
  public List<IgnoredTrait> fold(ProfileKey key, EventFacts facts) {
    Home.Folded folded = get(key).fold(facts);
    homes.put(key, folded.home());
    return folded.ignored();
  }

  /**
   * Links or unlinks a profile.
   *
   * @return empty when a later version of the link is known, or one of both was erased
   */
  public Optional<ProfileRelinked> link(ProfileLink link) {
    Home home = get(new ProfileKey(link.workspaceId(), link.profileId()));
    ProfileId target = link.mergedInto();
    Home into = target == null ? null : get(new ProfileKey(link.workspaceId(), target));
    if (link.version() <= home.linkVersion() || home.erased() || (into != null && into.erased())) {
      return Optional.empty();
    }
    ProfileId previous = home.canonicalId();
    Set<ProfileKey> affected = new TreeSet<>(family(home));
    if (into != null) {
      affected.addAll(family(into));
    }
    homes.put(home.key(), home.linked(target, link.version(), Micros.of(link.at())));
    long number = reroot(affected);
    return Optional.of(
        new ProfileRelinked(
            link.workspaceId(),
            link.profileId(),
            get(home.key()).canonicalId(),
            previous,
            number,
            link.mergeId(),
            link.reason(),
            link.at()));
  }

  /** Every root of the affected gets the same number, above all that any of them had. */
  private long reroot(Set<ProfileKey> affected) {
    Map<ProfileId, @Nullable ProfileId> links = new HashMap<>();
    long number = 0;
    for (ProfileKey key : affected) {
      Home home = get(key);
      links.put(key.id(), home.mergedInto());
      number = Math.max(number, home.changeNo());
      members.remove(key);
    }
    Map<ProfileId, ProfileId> roots = Links.roots(links);
    for (ProfileKey key : affected) {
      ProfileId rootId = roots.getOrDefault(key.id(), key.id());
      Home home = get(key).rooted(rootId);
      homes.put(key, home.isRoot() ? home.numbered(number + 1) : home);
      members.computeIfAbsent(root(home), root -> new TreeSet<>()).add(key);
    }
    relinked.addAll(affected);
    return number + 1;
  }

  /**
   * A row to write.
   *
   * @param person all homes of its family when it's a root, else null
   * @param traits whether its own traits changed
   * @param consent whether its own consent choices changed
   * @param resolve whether what the person's readers see may have changed
   */
  public record Changed(
      Home home, @Nullable Person person, boolean traits, boolean consent, boolean resolve) {
    /** Whether anything but counts and links changed. */
    public boolean claims() {
      return traits || consent || resolve;
    }
  }

  /** What is different from what was loaded, sorted. */
  public List<Changed> changed() {
    Set<ProfileKey> dirtyRoots = new HashSet<>();
    Set<ProfileKey> rows = new TreeSet<>(relinked);
    homes.forEach((key, home) -> {
      Home old = before.get(key);
      if (!home.equals(old)) {
        rows.add(key);
        rows.add(root(home));
        if (old == null
            || isOther(old.traits(), home.traits())
            || isOther(old.consent(), home.consent())) {
          dirtyRoots.add(root(home));
        }
      }
    });
    List<Changed> changed = new ArrayList<>(rows.size());
    for (ProfileKey key : rows) {
      Home home = get(key);
      Home old = before.get(key);
      changed.add(
          new Changed(
              home,
              home.isRoot() ? Person.of(family(home).stream().map(this::get).toList()) : null,
              old == null || isOther(old.traits(), home.traits()),
              old == null || isOther(old.consent(), home.consent()),
              dirtyRoots.contains(key) || relinked.contains(key)));
    }
    return changed;
  }

  @SuppressWarnings("ReferenceEquality") // Claims.with answers the same object when nothing changed
  private static boolean isOther(Claims one, Claims other) {
    return one != other;
  }

  private Set<ProfileKey> family(Home home) {
    return members.getOrDefault(root(home), Set.of(home.key()));
  }

  private static ProfileKey root(Home home) {
    return new ProfileKey(home.key().workspaceId(), home.canonicalId());
  }

  private Home get(ProfileKey key) {
    Home home = homes.get(key);
    if (home == null) {
      throw new IllegalStateException("profile " + key.id() + " was not loaded");
    }
    return home;
  }
}
