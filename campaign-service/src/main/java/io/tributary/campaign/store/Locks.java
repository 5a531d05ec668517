package io.tributary.campaign.store;

import io.tributary.event.ProfileId;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Locks on people and addresses, held to the end of the transaction. Whoever needs several takes
 * them in one call: they are taken in the order of their numbers, so nobody waits in a circle.
 */
public final class Locks {
  private final JdbcClient jdbc;

  /** Locks in this database. */
  public Locks(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The text that profile-service locks, too, before it blocks a person. */
  public static String person(String workspaceId, UUID root) {
    return workspaceId + "|profile|" + new ProfileId(root);
  }

  /** Takes the locks of these texts. */
  public void take(Collection<String> keys) {
    List<Long> numbers =
        jdbc.sql(
                """
                select distinct hashtextextended(k, 0) as number from unnest(:keys) as k
                order by number
                """)
            .param("keys", SqlArrays.text(keys))
            .query(Long.class)
            .list();
    // A statement of its own: there, the array's order is the order of locking.
    jdbc.sql("select pg_advisory_xact_lock(number) from unnest(:numbers) as number")
        .param("numbers", SqlArrays.bigint(numbers))
        .query((row, n) -> n)
        .list();
  }
}
