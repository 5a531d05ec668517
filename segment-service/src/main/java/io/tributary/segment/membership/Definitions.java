package io.tributary.segment.membership;

import io.tributary.conditions.EventPattern;
import io.tributary.conditions.KeptPattern;
import io.tributary.conditions.SegmentOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All segments of a workspace, indexed by what could touch them: a change looks at the few segments
 * that name its event or its traits, not at all of them. Immutable.
 */
public final class Definitions {
  /** A workspace without segments. */
  public static final Definitions NONE = new Definitions(List.of());

  private final Map<String, Definition> byId = new TreeMap<>();
  private final List<String> order;
  private final Map<String, Set<String>> byTrait = new HashMap<>();
  private final Map<String, Set<String>> byPattern = new HashMap<>();
  private final Map<String, Set<String>> dependents = new HashMap<>();
  private final Map<Label, List<KeptPattern>> collected = new HashMap<>();
  private final Map<String, KeptPattern> patterns = new TreeMap<>();

  private record Label(String type, @Nullable String name) {}

  /** Indexes definitions; their live conditions must not refer to each other in a circle. */
  public Definitions(Collection<Definition> definitions) {
    Map<String, Set<String>> references = new TreeMap<>();
    for (Definition definition : definitions) {
      byId.put(definition.segmentId(), definition);
      references.put(definition.segmentId(), definition.references());
      definition.collected().forEach(this::collect);
      index(definition);
    }
    patterns
        .values()
        .forEach(kept ->
            collected.computeIfAbsent(label(kept.pattern()), _ -> new ArrayList<>()).add(kept));
    this.order = List.copyOf(SegmentOrder.sort(references));
  }

  private void collect(KeptPattern kept) {
    patterns.merge(
        kept.pattern().id(), kept, (one, other) -> one.keep() >= other.keep() ? one : other);
  }

  private void index(Definition definition) {
    if (definition.live() == null) {
      return;
    }
    String id = definition.segmentId();
    definition.live().traitKeys().forEach(key -> put(byTrait, key, id));
    definition.live().patterns().forEach(kept -> put(byPattern, kept.pattern().id(), id));
    definition.references().forEach(referred -> put(dependents, referred, id));
  }

  private static void put(Map<String, Set<String>> index, String key, String segmentId) {
    index.computeIfAbsent(key, _ -> new TreeSet<>()).add(segmentId);
  }

  private static Label label(EventPattern pattern) {
    return new Label(pattern.type().wireName(), pattern.name());
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return byId.isEmpty();
  }

  /** All segments, each after those it refers to. */
  public List<String> order() {
    return order;
  }

  /** The segment, unless it's unknown. */
  public @Nullable Definition find(String segmentId) {
    return byId.get(segmentId);
  }

  /** The segments that look at the trait. */
  public Set<String> byTrait(String key) {
    return byTrait.getOrDefault(key, Set.of());
  }

  /** The segments that count the pattern. */
  public Set<String> byPattern(String patternId) {
    return byPattern.getOrDefault(patternId, Set.of());
  }

  /** The segments that look at the members of this one. */
  public Set<String> dependents(String segmentId) {
    return dependents.getOrDefault(segmentId, Set.of());
  }

  /** The patterns that an event of this type and name could match; their filters decide. */
  public List<KeptPattern> patternsFor(String type, @Nullable String name) {
    List<KeptPattern> any = collected.getOrDefault(new Label(type, null), List.of());
    if (name == null) {
      return any;
    }
    List<KeptPattern> named = collected.getOrDefault(new Label(type, name), List.of());
    if (any.isEmpty() || named.isEmpty()) {
      return any.isEmpty() ? named : any;
    }
    List<KeptPattern> both = new ArrayList<>(any);
    both.addAll(named);
    return both;
  }

  /** How many of the latest occurrences of the pattern are kept; 0 when nobody counts it. */
  public int keep(String patternId) {
    KeptPattern kept = patterns.get(patternId);
    return kept == null ? 0 : kept.keep();
  }

  /**
   * Whether a condition in effect already needs as much of the pattern, so that it is all there.
   */
  public boolean hasCollected(KeptPattern wanted) {
    return byId.values().stream()
        .map(Definition::live)
        .filter(Objects::nonNull)
        .flatMap(live -> live.patterns().stream())
        .anyMatch(kept -> kept.pattern().equals(wanted.pattern()) && kept.keep() >= wanted.keep());
  }

  /** These segments and all that could follow from them. */
  public Set<String> withDependents(Collection<String> segmentIds) {
    Set<String> reached = new TreeSet<>();
    ArrayDeque<String> open = new ArrayDeque<>(segmentIds);
    while (!open.isEmpty()) {
      String id = open.removeFirst();
      if (reached.add(id)) {
        open.addAll(dependents(id));
      }
    }
    return reached;
  }

  /** The patterns that deciding about these segments needs. */
  public Set<String> patternIds(Collection<String> segmentIds) {
    Set<String> ids = new TreeSet<>();
    for (String segmentId : segmentIds) {
      Definition definition = byId.get(segmentId);
      if (definition != null && definition.live() != null) {
        definition.live().patterns().forEach(kept -> ids.add(kept.pattern().id()));
      }
    }
    return ids;
  }
}
