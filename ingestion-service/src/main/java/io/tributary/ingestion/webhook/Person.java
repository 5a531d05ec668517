package io.tributary.ingestion.webhook;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Where a payload names the person; each a list of which the first place with a value counts.
 *
 * @param userId the sender's own id, where the provider hands it back
 * @param externalId the provider's id of the person
 */
record Person(
    @Nullable List<Where> userId,
    @Nullable List<Where> email,
    @Nullable List<Where> phone,
    @Nullable ExternalId externalId) {
  /** Of whom nothing is known. */
  static final Person NOBODY = new Person(null, null, null, null);

  /**
   * The provider's own id.
   *
   * @param type becomes {@code external:<type>}
   */
  record ExternalId(String type, List<Where> id) {}

  /** A text or a number at the first place that has one. */
  static Optional<String> text(@Nullable List<Where> places, Value.Scope scope) {
    if (places == null) {
      return Optional.empty();
    }
    return places.stream()
        .flatMap(place -> scope.find(place).stream())
        .filter(found -> found.isString() || found.isNumber())
        .map(JsonNode::asString)
        .map(String::strip)
        .findFirst();
  }
}
