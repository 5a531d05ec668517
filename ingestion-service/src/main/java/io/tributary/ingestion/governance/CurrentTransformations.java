package io.tributary.ingestion.governance;

import io.tributary.event.Json;
import io.tributary.ingestion.transform.Transformation;
import io.tributary.ingestion.transform.TransformationDocument;
import io.tributary.ingestion.transform.TransformationReader;
import io.tributary.web.Faults;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;

/**
 * What is done to the events of each source, as of at most a second or so ago. While Postgres is
 * away the last snapshot serves on. Of a source whose latest version this program can't read (a
 * newer one stored it, or it has no key to hash with) no events can be taken: what is to be taken
 * away from them would pass, also by the version before.
 */
public final class CurrentTransformations extends Snapshot {
  private static final Logger LOG = LoggerFactory.getLogger(CurrentTransformations.class);

  /** A field that it doesn't know could say whom a step is for. */
  private static final ObjectReader STRICT =
      Json.MAPPER
          .readerFor(TransformationDocument.class)
          .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final TransformationStore store;
  private final TransformationMeans means;
  private volatile Map<String, Known> bySource = Map.of();
  private Map<TransformationStore.Latest, Known> read = Map.of();

  CurrentTransformations(TransformationStore store, TransformationMeans means) {
    super("transformation", "ingestion-transformations");
    this.store = store;
    this.means = means;
  }

  /** What is known of a source's latest version. */
  private sealed interface Known {
    /** Empty where it has no steps. */
    record Read(Optional<Transformation> transformation) implements Known {}

    record Unreadable() implements Known {}
  }

  /** The transformation of a source can't be read by this version of the program. */
  public static final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableException(String sourceId) {
      super("The transformation of " + sourceId + " can't be read by this server.");
    }
  }

  /**
   * What is done to the events of this source; empty for nothing.
   *
   * @throws UnreadableException if that isn't known
   */
  public Optional<Transformation> of(String sourceId) {
    return switch (bySource.get(sourceId)) {
      case null -> Optional.empty();
      case Known.Read(Optional<Transformation> transformation) -> transformation;
      case Known.Unreadable _ -> throw new UnreadableException(sourceId);
    };
  }

  @Override
  void read() {
    Map<String, TransformationStore.Latest> latest = store.latest();
    Set<TransformationStore.Latest> missing = new HashSet<>(latest.values());
    missing.removeAll(read.keySet());
    Map<TransformationStore.Latest, Known> known = new HashMap<>(read);
    if (!missing.isEmpty()) {
      store.documents(missing).forEach((key, document) -> known.put(key, read(key, document)));
    }
    known.keySet().retainAll(Set.copyOf(latest.values()));
    Map<String, Known> next = new HashMap<>();
    latest.forEach(
        (source, key) -> next.put(source, known.getOrDefault(key, new Known.Unreadable())));
    read = known;
    bySource = Map.copyOf(next);
  }

  private Known read(TransformationStore.Latest key, String document) {
    Faults faults = new Faults();
    try {
      Optional<Transformation> transformation =
          new TransformationReader(faults, means.of(key.workspaceId()))
              .read(key.version(), STRICT.readValue(document));
      if (faults.isEmpty()) {
        return new Known.Read(transformation);
      }
    } catch (RuntimeException e) {
      // Whatever stands there, other sources go on.
      LOG.debug("transformation source={} failed", key.sourceId(), e);
    }
    LOG.error(
        "transformation source={} version={} outcome=unreadable faults={}",
        key.sourceId(),
        key.version(),
        faults.list().stream().map(fault -> fault.path() + " " + fault.code()).toList());
    return new Known.Unreadable();
  }
}
