package io.tributary.campaign.store;

import java.util.Collection;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.support.SqlArrayValue;

/** Arrays as bind values. */
final class SqlArrays {
  private SqlArrays() {}

  static SqlArrayValue text(Collection<? extends @Nullable String> values) {
    return new SqlArrayValue("text", values.toArray());
  }

  static SqlArrayValue uuid(Collection<UUID> values) {
    return new SqlArrayValue("uuid", values.toArray());
  }

  static SqlArrayValue bigint(Collection<Long> values) {
    return new SqlArrayValue("bigint", values.toArray());
  }

  static SqlArrayValue bytea(Collection<byte[]> values) {
    return new SqlArrayValue("bytea", (Object[]) values.toArray(byte[][]::new));
  }
}
