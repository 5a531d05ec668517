package io.tributary.ingestion.destination;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What waits for destinations, for those who take away what is kept about people. */
public final class Undelivered {
  private Undelivered() {}

  /** Takes away what is undelivered about a person, but that they were erased. */
  public static void forget(JdbcClient jdbc, String workspaceId, UUID[] homes) {
    jdbc.sql(
            """
            with gone as (
                delete from ingestion.undelivered
                where workspace_id = :workspace and type <> :erased
                  and (profile_id = any(:homes) or home_id = any(:homes))
                returning destination_id)
            """
                + CountStore.COUNT_GONE)
        .param("workspace", workspaceId)
        .param("erased", Selection.ERASED)
        .param("homes", homes)
        .param("size", Times.SIZE)
        .update();
  }
}
