package io.tributary.identity.resolve;

import io.tributary.event.Ids;
import java.util.UUID;
import java.util.function.Supplier;

/** Where the ids of new profiles and merges come from; both must rise. */
public record NewIds(Supplier<UUID> profiles, Supplier<String> merges) {
  /** Ids that never repeat. */
  public static final NewIds UNIQUE = new NewIds(Ids::uuid, () -> Ids.create("mrg"));
}
