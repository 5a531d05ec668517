package io.tributary.ingestion.webhook;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

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

  /**
   * Says in a call who it's about.
   *
   * @param call has a context
   * @param prefix tells the ids that are made here from others
   * @param nobody the anonymous id of who is named nowhere; null for none
   */
  void name(ObjectNode call, String prefix, @Nullable String nobody, Value.Scope scope) {
    ObjectNode context = call.withObjectProperty("context");
    Optional<String> user = text(userId, scope);
    Optional<String> mail = text(email, scope);
    Optional<String> number = text(phone, scope);
    Optional<String> external =
        externalId == null ? Optional.empty() : text(externalId.id(), scope);
    if (mail.isPresent() || number.isPresent()) {
      ObjectNode traits = context.putObject("traits");
      mail.ifPresent(value -> traits.put("email", value));
      number.ifPresent(value -> traits.put("phone", value));
    }
    external.ifPresent(value ->
        context
            .putArray("externalIds")
            .addObject()
            .put("id", value)
            .put("type", Objects.requireNonNull(externalId).type())
            .put("collection", "users")
            .put("encoding", "none"));
    // A call needs one of the two; an address isn't shown in an id.
    Optional<String> anonymous =
        external
            .or(() -> mail.map(value -> Mapping.hash(value.toLowerCase(Locale.ROOT))))
            .or(() -> number.map(Mapping::hash))
            .or(() -> Optional.ofNullable(nobody));
    user.ifPresentOrElse(
        value -> call.put("userId", value),
        () -> anonymous.ifPresent(id -> call.put("anonymousId", prefix + ":" + id)));
  }

  /** All places that are named. */
  Stream<Where> places() {
    return Stream.of(userId, email, phone, externalId == null ? null : externalId.id())
        .filter(Objects::nonNull)
        .flatMap(List::stream);
  }
}
