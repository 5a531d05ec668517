package io.tributary.conditions;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A profile with all that ever happened to it. */
record Person(
    UUID id, List<UUID> homes, ObjectNode traits, List<Happening> history, Set<String> segments) {

  /** One event at one of the person's homes. */
  record Happening(UUID home, EventType type, @Nullable String name, JsonNode payload, long at) {}

  /** What an evaluator that keeps only the needed occurrences knows, pruned at the given moment. */
  Facts kept(CompiledCondition condition, long prunedAt) {
    return new Facts() {
      @Override
      public @Nullable JsonNode trait(String key) {
        return traits.get(key);
      }

      @Override
      public Occurrences occurrences(EventPattern pattern) {
        int keep =
            condition.patterns().stream()
                .filter(kept -> kept.pattern().id().equals(pattern.id()))
                .findFirst()
                .orElseThrow()
                .keep();
        Occurrences found = Occurrences.NONE;
        for (Happening each : history) {
          if (pattern.matches(each.type().wireName(), each.name(), each.payload())) {
            found = found.with(each.at());
          }
        }
        return found.prune(keep, prunedAt);
      }

      @Override
      public boolean memberOf(String segmentId) {
        return segments.contains(segmentId);
      }
    };
  }
}
