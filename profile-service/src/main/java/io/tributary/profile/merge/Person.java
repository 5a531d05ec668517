package io.tributary.profile.merge;

import io.tributary.event.JsonBytes;
import io.tributary.event.ProfileId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a reader sees of a canonical profile: all homes of a family as one. A function of the homes
 * alone, so undoing a merge undoes it, too.
 *
 * @param homes sorted by id
 */
public record Person(List<Home> homes) {
  /** Copies the list. */
  public Person {
    homes = List.copyOf(homes);
  }

  /** The person of these homes. */
  public static Person of(Collection<Home> family) {
    return new Person(
        family.stream().sorted(Comparator.comparing((Home home) -> home.key().id())).toList());
  }

  /** The winning claim per trait, removed ones included. */
  public SortedMap<String, Claim> traits() {
    return Claims.union(homes.stream().map(Home::traits).toList(), Claim::later);
  }

  /**
   * The deciding claim per consent category. Within a home the later choice counts. Where homes
   * differ, a refusal counts, because a merge must never turn a "no" into a "yes"; but a choice
   * made after the homes had become one person is a choice of that person, and the latest of those
   * counts.
   */
  public SortedMap<String, Claim> consent() {
    long joined =
        homes.stream()
            .filter(home -> home.mergedInto() != null)
            .mapToLong(Home::linkedMicros)
            .max()
            .orElse(Long.MIN_VALUE);
    return Claims.union(
        homes.stream().map(Home::consent).toList(), (one, other) -> choose(one, other, joined));
  }

  private static Claim choose(Claim one, Claim other, long joined) {
    boolean oneAfter = one.micros() > joined;
    boolean otherAfter = other.micros() > joined;
    if (oneAfter != otherAfter) {
      return oneAfter ? one : other;
    }
    if (!oneAfter && refuses(one) != refuses(other)) {
      return refuses(one) ? one : other;
    }
    return Claim.later(one, other);
  }

  private static boolean refuses(Claim claim) {
    return claim.value() != null && claim.value().toString().equals("false");
  }

  /** How many events there are. */
  public long eventCount() {
    return homes.stream().mapToLong(Home::eventCount).sum();
  }

  /** The time of the first event. */
  public @Nullable Long firstSeen() {
    return homes.stream().map(Home::firstSeen).reduce(null, Micros::earlier);
  }

  /** The time of the last event in which the person was active. */
  public @Nullable Long lastSeen() {
    return homes.stream().map(Home::lastSeen).reduce(null, Micros::later);
  }

  /** The ids, sorted. */
  public List<ProfileId> homeIds() {
    return homes.stream().map(home -> home.key().id()).toList();
  }

  /** {@code {key: value}} of those claims that aren't removals. */
  public static byte[] plain(SortedMap<String, Claim> claims) {
    JsonBytes out = new JsonBytes(256);
    claims.forEach((key, claim) -> {
      if (claim.value() != null) {
        out.unknown(key, claim.value());
      }
    });
    return out.close();
  }
}
