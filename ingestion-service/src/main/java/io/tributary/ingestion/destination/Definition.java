package io.tributary.ingestion.destination;

import io.tributary.ingestion.destination.DestinationDocument.DestinationFilter;
import io.tributary.ingestion.transform.Means;
import io.tributary.ingestion.transform.Only;
import io.tributary.ingestion.transform.Transformation;
import io.tributary.ingestion.transform.TransformationDocument;
import io.tributary.ingestion.transform.TransformationReader;
import io.tributary.web.Faults;
import io.tributary.webhook.WebhookTargets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checked definition.
 *
 * @param topics in which that stands
 * @param sources whose events are sent; empty for all
 * @param only the events that are sent
 * @param segments whose crossings are sent; empty for all
 * @param consent that a person must have granted; null for none
 * @param perSecond messages a second at most; null for any number
 */
record Definition(
    String name,
    Target target,
    Set<Sends> sends,
    List<String> topics,
    Set<String> sources,
    Only only,
    Set<String> segments,
    Optional<Transformation> steps,
    @Nullable String consent,
    @Nullable Integer perSecond,
    int concurrency,
    Duration retryFor) {
  private static final int MAX_NAME = 100;
  private static final int MAX_IDS = 50;
  private static final int MAX_CONSENT = 100;

  /** What a destination can be told of. */
  enum Sends {
    EVENTS,
    SEGMENTS,
    PROFILES,
    ERASURES;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Sends> of(@Nullable String text) {
      for (Sends each : values()) {
        if (each.wire().equals(text)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }

  /** Copies the sets. */
  Definition {
    sends = Set.copyOf(sends);
    topics = List.copyOf(topics);
    sources = Set.copyOf(sources);
    segments = Set.copyOf(segments);
  }

  /**
   * Checks what was written; not to be used beside faults.
   *
   * @param faults takes what is wrong
   * @param means what steps can use
   */
  static Definition read(
      DestinationDocument written,
      Faults faults,
      Means means,
      WebhookTargets targets,
      Connectors connectors) {
    String name = faults.text(written.name(), "name", MAX_NAME);
    Target target = new TargetReader(faults, targets, connectors).read(written);
    DestinationFilter filter = Objects.requireNonNullElse(written.filter(), DestinationFilter.ALL);
    Set<Sends> sends = sends(written.sends(), faults);
    misplaced(filter, sends, faults);
    if (target instanceof Target.Tables) {
      // What tables have of a person goes with the person.
      sends.add(Sends.ERASURES);
    }
    TransformationReader reader = new TransformationReader(faults, means);
    Optional<Transformation> steps = reader.read(1, new TransformationDocument(written.steps()));
    String consent =
        written.consent() == null ? null : faults.text(written.consent(), "consent", MAX_CONSENT);
    return new Definition(
        name,
        target,
        sends,
        written.topics(),
        ids(filter.sources(), "filter.sources", faults),
        reader.only(filter.types(), filter.events(), filter.when(), "filter."),
        ids(filter.segments(), "filter.segments", faults),
        steps,
        consent,
        written.perSecond() == null
            ? null
            : faults.between(written.perSecond(), "perSecond", 1, 10_000, 1),
        faults.between(written.concurrency(), "concurrency", 1, 16, 4),
        Duration.ofHours(faults.between(written.retryHours(), "retryHours", 1, 168, 72)));
  }

  private static Set<Sends> sends(@Nullable List<@Nullable String> written, Faults faults) {
    Set<Sends> sends = EnumSet.noneOf(Sends.class);
    if (written == null || written.isEmpty()) {
      faults.add("sends", "required", "must be a list of events, segments, profiles and erasures");
      return sends;
    }
    faults.check(
        written.size() <= Sends.values().length,
        "sends",
        "too_many",
        "has more than " + Sends.values().length + " entries");
    for (int i = 0; i < Math.min(written.size(), Sends.values().length); i++) {
      Optional<Sends> each = Sends.of(written.get(i));
      each.ifPresent(sends::add);
      faults.check(
          each.isPresent(),
          "sends[" + i + "]",
          "invalid_value",
          "must be events, segments, profiles or erasures");
    }
    return sends;
  }

  /** A filter that filters nothing is a mistake that nobody would notice. */
  private static void misplaced(DestinationFilter filter, Set<Sends> sends, Faults faults) {
    boolean ofEvents =
        filter.sources() != null
            || filter.types() != null
            || filter.events() != null
            || filter.when() != null;
    faults.check(
        !ofEvents || sends.contains(Sends.EVENTS),
        "filter",
        "not_allowed",
        "sources, types, events and when go with events only, which aren't sent");
    faults.check(
        filter.segments() == null || sends.contains(Sends.SEGMENTS),
        "filter.segments",
        "not_allowed",
        "goes with segments only, which aren't sent");
  }

  private static Set<String> ids(
      @Nullable List<@Nullable String> written, String at, Faults faults) {
    return Set.copyOf(faults.texts(written, at, MAX_IDS, MAX_NAME));
  }
}
