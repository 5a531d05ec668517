package io.tributary.conditions;

import java.util.ArrayList;
import java.util.List;

/** Gathers a statement's text and binds, side by side so that their orders agree. */
final class SqlWriter {

  private final StringBuilder text = new StringBuilder();
  private final List<Object> binds = new ArrayList<>();
  private final String workspaceId;
  private final long now;

  SqlWriter(String workspaceId, long now) {
    this.workspaceId = workspaceId;
    this.now = now;
  }

  String workspaceId() {
    return workspaceId;
  }

  /** Now in epoch microseconds. */
  long now() {
    return now;
  }

  /** Appends SQL of this package; anything from outside goes through {@link #bind}. */
  SqlWriter text(String sql) {
    text.append(sql);
    return this;
  }

  /** Appends a question mark for the value. */
  SqlWriter bind(Object value) {
    text.append('?');
    binds.add(value);
    return this;
  }

  Sql sql() {
    return new Sql(text.toString(), binds);
  }
}
