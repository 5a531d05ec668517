package io.tributary.segment.membership;

import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.KeptPattern;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A segment as the stream of changes sees it.
 *
 * @param version of the condition in effect; 0 while none is
 * @param live the condition in effect; null before the first one's behaviour is collected
 * @param coming the condition that will be in effect; its behaviour is collected already. Null when
 *     there is none but the live one
 */
public record Definition(
    String segmentId,
    long version,
    @Nullable CompiledCondition live,
    @Nullable CompiledCondition coming) {

  /** What must be collected for it, some patterns perhaps twice. */
  List<KeptPattern> collected() {
    List<KeptPattern> now = live == null ? List.of() : live.patterns();
    if (coming == null) {
      return now;
    }
    return java.util.stream.Stream.concat(now.stream(), coming.patterns().stream()).toList();
  }

  /** The segments whose members it looks at. */
  Set<String> references() {
    return live == null ? Set.of() : live.segmentIds();
  }
}
