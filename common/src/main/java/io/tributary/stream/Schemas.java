package io.tributary.stream;

import java.util.List;
import java.util.regex.Pattern;

/** Schema names come from our own code, but they're put into SQL text: so they're checked. */
final class Schemas {
  /** Of the five services, each its owner's. */
  static final List<String> SERVICES =
      List.of("ingestion", "identity", "profile", "segment", "campaign");

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,30}");

  private Schemas() {}

  static String checked(String schema) {
    if (!NAME.matcher(schema).matches()) {
      throw new IllegalArgumentException("not a schema name: " + schema);
    }
    return schema;
  }
}
