package io.tributary.ingestion.plan;

import io.tributary.event.RawJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a plan says of one event.
 *
 * @param violations all that were found
 * @param action what becomes of the event because of them
 * @param rest what is left of properties or traits after something was taken out of them; null when
 *     nothing was
 * @param omitted the paths of what was taken out
 */
public record Checked(
    List<Violation> violations, OnViolation action, @Nullable RawJson rest, List<String> omitted) {

  static final Checked CLEAN = new Checked(List.of(), OnViolation.ALLOW, null, List.of());

  /** Copies the lists. */
  public Checked {
    violations = List.copyOf(violations);
    omitted = List.copyOf(omitted);
  }
}
