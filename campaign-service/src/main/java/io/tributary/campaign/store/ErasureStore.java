package io.tributary.campaign.store;

import io.tributary.event.ProfileId;
import io.tributary.stream.ControlTotals;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/** Deletes what is kept about a person, on the connection of a stage's batch. */
public final class ErasureStore {
  /**
   * Identity-service keeps the addresses of erased people until this service's receipt is there.
   */
  private static final String ADDRESSES =
      """
      select i.value from identity.v_identifier i
      where i.workspace_id = ? and i.profile_id = ? and i.type = 'email'
      """;

  // What leaves the quarantine is counted, so that the sums still add up.
  private final ControlTotals totals = new ControlTotals("campaign", "campaign");

  /**
   * Erases a profile: addresses, subjects, events, and what was still to be reported. What remains
   * of a suppression is its hash. Idempotent: everything is set to what it already is.
   */
  public void erase(
      Connection connection, String workspaceId, UUID profile, String requestId, Instant now)
      throws SQLException {
    forgetAddresses(connection, workspaceId, profile);
    forgetDeliveries(connection, workspaceId, profile);
    forgetQuarantined(connection, workspaceId, profile);
    receipt(connection, workspaceId, profile, requestId, now);
  }

  private static void forgetAddresses(Connection connection, String workspaceId, UUID profile)
      throws SQLException {
    run(
        connection,
        """
        with known as (%s)
        update campaign.suppression s set address = null
        where workspace_id = ? and address is not null
          and (exists (select 1 from campaign.delivery d
                       where d.workspace_id = s.workspace_id and ? in (d.profile_id, d.canonical_id)
                         and d.channel = s.channel and d.address_hash = s.address_hash)
               or channel = 'email' and lower(address) in (select lower(value) from known))
        """
            .formatted(ADDRESSES),
        workspaceId,
        profile,
        workspaceId,
        profile);
    // An answer that was kept to be repeated: the request stays known, its answer is empty.
    run(
        connection,
        """
        with known as (%s)
        update campaign.idempotency k set body = null
        where workspace_id = ? and body is not null
          and exists (select from known
                      where position(lower(value) in lower(encode(k.body, 'escape'))) > 0)
        """
            .formatted(ADDRESSES),
        workspaceId,
        profile,
        workspaceId);
  }

  private static void forgetDeliveries(Connection connection, String workspaceId, UUID profile)
      throws SQLException {
    run(
        connection,
        """
        delete from campaign.outbound_event o
        where workspace_id = ?
          and exists (select 1 from campaign.delivery d
                      where d.workspace_id = o.workspace_id and d.delivery_id = o.delivery_id
                        and ? in (d.profile_id, d.canonical_id))
        """,
        workspaceId,
        profile);
    // What a receiver answered often repeats the address.
    run(
        connection,
        """
        update campaign.delivery
        set address = null, subject = null, event = null, detail = null,
            outcome = case when state = 'pending' then 'profile_erased' else outcome end,
            state = case when state = 'pending' then 'skipped' else state end
        where workspace_id = ? and ? in (profile_id, canonical_id)
        """,
        workspaceId,
        profile);
  }

  /** Refused records name the profile that they are about. */
  private void forgetQuarantined(Connection connection, String workspaceId, UUID profile)
      throws SQLException {
    int removed =
        run(
            connection,
            """
            delete from campaign.quarantine
            where workspace_id = ? and position(convert_to(?, 'UTF8') in original) > 0
            """,
            workspaceId,
            new ProfileId(profile).toString());
    totals.add(connection, Map.of("quarantine_deleted", (long) removed));
  }

  /**
   * Notes that one home is done, and leaves the receipt once all homes of the request are. Homes
   * may be erased at the same time by several threads: one after another, the last one sees all.
   */
  private static void receipt(
      Connection connection, String workspaceId, UUID profile, String requestId, Instant now)
      throws SQLException {
    run(
        connection,
        "select pg_advisory_xact_lock(hashtextextended(?, 0))",
        workspaceId + "|erasure|" + requestId);
    run(
        connection,
        """
        insert into campaign.erased_home (workspace_id, request_id, profile_id) values (?, ?, ?)
        on conflict do nothing
        """,
        workspaceId,
        requestId,
        profile);
    run(
        connection,
        """
        insert into campaign.privacy_receipt (workspace_id, request_id, done_at)
        select w, r, ? from (values (?, ?)) as v(w, r)
        where not exists
            (select from profile.v_privacy_request q
             where q.workspace_id = w and q.request_id = r and not exists
                 (select from campaign.erased_home h
                  where h.workspace_id = w and h.request_id = r and h.profile_id = q.profile_id))
        on conflict (workspace_id, request_id) do update set done_at = excluded.done_at
        """,
        Times.of(now),
        workspaceId,
        requestId);
  }

  private static int run(Connection connection, String sql, Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.execute() ? 0 : statement.getUpdateCount();
    }
  }
}
