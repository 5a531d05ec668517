package io.tributary.segment.membership;

import io.tributary.conditions.Occurrences;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * What is known of a root profile.
 *
 * @param traits an object with its resolved traits
 * @param occurrences by pattern id, of all its homes
 * @param standings by segment id
 */
public record ProfileState(
    JsonNode traits, Map<String, Occurrences> occurrences, Map<String, Standing> standings) {
  /** Copies the maps. */
  public ProfileState {
    occurrences = Map.copyOf(occurrences);
    standings = Map.copyOf(standings);
  }
}
