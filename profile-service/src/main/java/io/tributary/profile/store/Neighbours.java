package io.tributary.profile.store;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The published views of other services. Each service sets up its own schema, in whatever order
 * they start, so a view may not be there yet.
 */
public final class Neighbours {
  private final JdbcClient sql;
  private final Set<String> found = ConcurrentHashMap.newKeySet();

  /** Looks in the database of this client. */
  public Neighbours(JdbcClient sql) {
    this.sql = sql;
  }

  /** Whether the view is there; one that was seen once stays. */
  public boolean has(String view) {
    if (found.contains(view)) {
      return true;
    }
    boolean there =
        sql.sql("select to_regclass(:view) is not null")
            .params(Map.of("view", view))
            .query(Boolean.class)
            .single();
    if (there) {
      found.add(view);
    }
    return there;
  }
}
