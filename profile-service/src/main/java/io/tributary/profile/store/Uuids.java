package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import java.util.Collection;
import java.util.stream.Collectors;

/** Writes ids as the text form of an array of uuid. */
final class Uuids {
  private Uuids() {}

  static String literal(Collection<ProfileId> ids) {
    return ids.stream().map(id -> id.uuid().toString()).collect(Collectors.joining(",", "{", "}"));
  }
}
