package io.tributary.ingestion.activity;

import io.tributary.access.WriteKey;
import io.tributary.ingestion.accept.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One request, as it's noted while it's worked on. For one thread. */
public final class Visit {
  private final Activity activity;
  private final Instant at;
  private final boolean retried;
  private final List<WriteKey> keys = new ArrayList<>(1);
  private long bytes;

  Visit(Activity activity, Instant at, boolean retried) {
    this.activity = activity;
    this.at = at;
    this.retried = retried;
  }

  /** Notes a key that the request came with; each one once. */
  public void by(WriteKey key) {
    keys.add(key);
  }

  /** Notes how large the body is, inflated. */
  public void bytes(long count) {
    bytes = count;
  }

  /** Counts events that are in the log, whatever was decided of them. */
  public void taken(List<Verdict> verdicts, Instant receivedAt) {
    if (keys.size() == 1) {
      taken(keys.getFirst(), verdicts, receivedAt);
      return;
    }
    verdicts.stream()
        .collect(Collectors.groupingBy(verdict -> verdict.source()))
        .forEach((source, own) ->
            activity.add(
                Bucket.of(source.workspaceId(), source.sourceId(), receivedAt),
                tally -> tally.events(own, retried, receivedAt)));
  }

  private void taken(WriteKey key, List<Verdict> verdicts, Instant receivedAt) {
    if (!verdicts.isEmpty()) {
      activity.add(
          Bucket.of(key.workspaceId(), key.sourceId(), receivedAt),
          tally -> tally.events(verdicts, retried, receivedAt));
    }
  }

  /**
   * Counts the request for each source that it came from; of a body of several, each has a part.
   *
   * @param code why the request was refused; null when it wasn't
   */
  public void end(@Nullable String code) {
    long sources =
        keys.size() < 2 ? keys.size() : keys.stream().map(WriteKey::sourceId).distinct().count();
    Set<String> counted = new HashSet<>();
    for (WriteKey key : keys) {
      boolean first = counted.add(key.sourceId());
      activity.add(
          Bucket.of(key.workspaceId(), key.sourceId(), at),
          tally -> {
            tally.key(key.key(), at);
            if (first) {
              tally.request(code, retried, bytes / sources, at);
            }
          });
    }
  }
}
