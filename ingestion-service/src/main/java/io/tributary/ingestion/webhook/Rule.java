package io.tributary.ingestion.webhook;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which call a type of payload becomes: a track call or an identify call.
 *
 * @param track the name of the event
 * @param identify the traits; a name {@code {<path>}} is itself read from the payload
 * @param properties of the track call
 * @param id what tells events of this type apart, where several notices may tell of one; null for
 *     what tells all apart
 * @param person where this type names the person; null for where all do
 */
record Rule(
    @Nullable String track,
    @Nullable Map<String, Value> identify,
    @Nullable Map<String, Value> properties,
    @Nullable List<Where> id,
    @Nullable Person person) {
  Rule {
    if ((track == null) == (identify == null)) {
      throw new IllegalArgumentException("an event is either tracked or identifies somebody");
    }
  }

  /**
   * The rule of a type.
   *
   * @param rules by type; {@code a.*} stands for all types below {@code a} without a rule
   */
  static @Nullable Rule find(Map<String, Rule> rules, String type) {
    Rule rule = rules.get(type);
    for (int dot = type.lastIndexOf('.'); rule == null && dot > 0; ) {
      rule = rules.get(type.substring(0, dot) + ".*");
      dot = type.lastIndexOf('.', dot - 1);
    }
    return rule;
  }

  /** For people: the call and its name. */
  String becomes() {
    return track == null ? "identify" : "track " + track;
  }
}
