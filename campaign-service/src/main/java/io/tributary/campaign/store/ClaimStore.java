package io.tributary.campaign.store;

import io.tributary.campaign.admin.Definition;
import io.tributary.campaign.journey.CampaignState;
import io.tributary.campaign.journey.Transition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Deliveries on their way: due, claimed, done. Methods take part in the transaction at hand. */
public final class ClaimStore {
  private static final String CAMPAIGN =
      """
      select campaign_id, workspace_id, name, channel::text as channel, secret, consent_category, state, version
      from campaign.campaign where campaign_id = :id
      """;
  private static final String GIVE_UP =
      """
      update campaign.delivery
      set state = 'uncertain', outcome = :reason, finished_at = :now, event = null
      where state = 'claimed'
      """;
  private final JdbcClient jdbc;

  /** The deliveries of this database. */
  public ClaimStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What the sender needs of a campaign. */
  public record Campaign(
      String id,
      String workspaceId,
      String name,
      Definition.Message message,
      @Nullable String secret,
      @Nullable String consentCategory,
      CampaignState state,
      long version) {
    @Override
    public String toString() {
      return "Campaign[" + id + "]";
    }
  }

  /** A delivery that is due. */
  public record Due(
      String deliveryId,
      UUID profileId,
      @Nullable String runId,
      @Nullable String event,
      int attempts,
      String triggerKey,
      Instant createdAt) {}

  /** A delivery that is to be marked as claimed. */
  public record Claim(
      String deliveryId, UUID root, @Nullable String address, byte @Nullable [] addressHash) {
    @Nullable String hashText() {
      return addressHash == null ? null : HexFormat.of().formatHex(addressHash);
    }

    @Override
    public String toString() {
      return "Claim[" + deliveryId + "]";
    }
  }

  /** A delivery that is not to be sent. */
  public record Skip(String deliveryId, String reason) {}

  /** Campaigns that have something to send or, being stopped, to skip. */
  public List<String> campaignsWithDue(Instant now) {
    return jdbc.sql(
            """
            select campaign_id from campaign.campaign c
            where state in ('active', 'stopped', 'finished')
              and exists (select 1 from campaign.delivery d
                          where d.campaign_id = c.campaign_id and d.state = 'pending' and d.due_at <= :now)
            order by campaign_id
            """)
        .param("now", Times.of(now))
        .query(String.class)
        .list();
  }

  /** The campaign as it is. */
  public Optional<Campaign> find(String campaignId) {
    return jdbc.sql(CAMPAIGN).param("id", campaignId).query(ClaimStore::campaign).optional();
  }

  /** The campaign, kept as it is until the transaction ends: pausing and stopping wait. */
  public Optional<Campaign> hold(String campaignId) {
    return jdbc.sql(CAMPAIGN + " and state in ('active', 'stopped', 'finished') for share")
        .param("id", campaignId)
        .query(ClaimStore::campaign)
        .optional();
  }

  /** Locks the deliveries that are due first; those that another one holds are passed over. */
  public List<Due> due(String campaignId, Instant now, int limit) {
    return jdbc.sql(
            """
            select delivery_id, profile_id, run_id, event::text as event, attempts, trigger_key, created_at
            from campaign.delivery
            where campaign_id = :campaign and state = 'pending' and due_at <= :now
            order by due_at, delivery_id limit :limit for update skip locked
            """)
        .param("campaign", campaignId)
        .param("now", Times.of(now))
        .param("limit", limit)
        .query((row, n) ->
            new Due(
                row.getString("delivery_id"),
                row.getObject("profile_id", UUID.class),
                row.getString("run_id"),
                row.getString("event"),
                row.getInt("attempts"),
                row.getString("trigger_key"),
                Times.get(row, "created_at")))
        .list();
  }

  /** Whom of these people the run has reached, perhaps under another profile. */
  public Set<UUID> reached(String runId, Collection<UUID> roots) {
    return jdbc
        .sql(
            """
            select canonical_id from campaign.delivery
            where run_id = :run and canonical_id = any(:roots) and state not in ('pending', 'skipped', 'failed')
            """)
        .param("run", runId)
        .param("roots", SqlArrays.uuid(roots))
        .query(UUID.class)
        .list()
        .stream()
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Marks deliveries as claimed. */
  public void claim(
      String workspaceId, List<Claim> claims, UUID token, String instance, Instant now) {
    int rows =
        jdbc.sql(
                """
                update campaign.delivery d
                set state = 'claimed', claim_token = :token, claimed_by = :instance, claimed_at = :now,
                    attempts = d.attempts + 1, canonical_id = c.root, address = c.address,
                    address_hash = decode(c.hash, 'hex'), outcome = null, detail = null
                from unnest(:ids, :roots, :addresses, :hashes) as c(id, root, address, hash)
                where d.workspace_id = :workspace and d.delivery_id = c.id and d.state = 'pending'
                """)
            .param("token", token)
            .param("instance", instance)
            .param("now", Times.of(now))
            .param("workspace", workspaceId)
            .param("ids", SqlArrays.text(claims.stream().map(Claim::deliveryId).toList()))
            .param("roots", SqlArrays.uuid(claims.stream().map(Claim::root).toList()))
            .param("addresses", SqlArrays.text(claims.stream().map(Claim::address).toList()))
            .param("hashes", SqlArrays.text(claims.stream().map(Claim::hashText).toList()))
            .update();
    require(rows, claims.size(), "claiming");
  }

  /** Ends deliveries that must not be sent. */
  public void skip(String workspaceId, List<Skip> skips, Instant now) {
    int rows =
        jdbc.sql(
                """
                update campaign.delivery d
                set state = 'skipped', outcome = s.reason, finished_at = :now, event = null
                from unnest(:ids, :reasons) as s(id, reason)
                where d.workspace_id = :workspace and d.delivery_id = s.id and d.state = 'pending'
                """)
            .param("now", Times.of(now))
            .param("workspace", workspaceId)
            .param("ids", SqlArrays.text(skips.stream().map(Skip::deliveryId).toList()))
            .param("reasons", SqlArrays.text(skips.stream().map(Skip::reason).toList()))
            .update();
    require(rows, skips.size(), "skipping");
  }

  /** Ends deliveries that were sent before the database was restored. */
  public void sentBefore(String workspaceId, Collection<String> deliveries, Instant now) {
    int rows =
        jdbc.sql(
                """
                update campaign.delivery
                set state = 'uncertain', outcome = 'sent_before_restore', finished_at = :now, event = null
                where workspace_id = :workspace and delivery_id = any(:ids) and state = 'pending'
                """)
            .param("now", Times.of(now))
            .param("workspace", workspaceId)
            .param("ids", SqlArrays.text(deliveries))
            .update();
    require(rows, deliveries.size(), "giving up");
  }

  /** Looks at deliveries again in a moment: their person was merged while they were looked at. */
  public void postpone(String workspaceId, Collection<String> deliveries, Instant dueAt) {
    jdbc.sql(
            """
            update campaign.delivery set due_at = :due
            where workspace_id = :workspace and delivery_id = any(:ids) and state = 'pending'
            """)
        .param("due", Times.of(dueAt))
        .param("workspace", workspaceId)
        .param("ids", SqlArrays.text(deliveries))
        .update();
  }

  /** Gives claims back that certainly were not sent, and says how many. */
  public int release(UUID token, Instant dueAt) {
    return jdbc.sql(
            """
            update campaign.delivery
            set state = 'pending', due_at = :due, claim_token = null, claimed_at = null, attempts = attempts - 1
            where claim_token = :token and state = 'claimed'
            """)
        .param("due", Times.of(dueAt))
        .param("token", token)
        .update();
  }

  /**
   * Records what became of a claim. Also of one that was given up for uncertain meanwhile: now the
   * answer is known; but it isn't tried again, since what a retry needs is gone.
   *
   * @return whether it was still this claim's to record
   */
  public boolean finish(
      String workspaceId,
      String deliveryId,
      UUID token,
      Transition next,
      @Nullable String subject,
      @Nullable String messageId,
      Instant now) {
    boolean again = next.dueAt() != null;
    return jdbc.sql(
                """
                update campaign.delivery
                set state = :state, outcome = :outcome, due_at = coalesce(:due, due_at),
                    detail = case when channel <> 'email' or address is not null then :detail end,
                    subject = case when channel <> 'email' or address is not null then :subject end,
                    message_id = :message, finished_at = :finished,
                    event = case when :again then event end,
                    claim_token = case when :again then null else claim_token end
                where workspace_id = :workspace and delivery_id = :id and claim_token = :token
                  and (state = 'claimed' or state = 'uncertain' and not :again)
                """)
            .param("state", next.state().wire())
            .param("outcome", next.outcome())
            .param("detail", next.detail())
            .param(
                "due",
                next.dueAt() == null ? null : Times.of(next.dueAt()),
                java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
            .param("subject", subject)
            .param("message", messageId)
            .param("finished", again ? null : Times.of(now), java.sql.Types.TIMESTAMP_WITH_TIMEZONE)
            .param("again", again)
            .param("workspace", workspaceId)
            .param("id", deliveryId)
            .param("token", token)
            .update()
        == 1;
  }

  /** Pauses a campaign whose receiver is gone. */
  public void pause(String campaignId, String reason, Instant now) {
    jdbc.sql(
            """
            update campaign.campaign
            set state = 'paused', state_reason = :reason, updated_at = :now, version = version + 1
            where campaign_id = :id and state = 'active'
            """)
        .param("reason", reason)
        .param("now", Times.of(now))
        .param("id", campaignId)
        .update();
  }

  /**
   * Gives claims up whose outcome nobody will record any more: perhaps sent, perhaps not.
   *
   * @param instance whose claims are given up whatever their age; empty for nobody's
   */
  public int giveUp(Instant claimedBefore, String instance, String reason, Instant now) {
    return jdbc.sql(GIVE_UP + "and (claimed_at < :before or claimed_by = :instance)")
        .param("reason", reason)
        .param("now", Times.of(now))
        .param("before", Times.of(claimedBefore))
        .param("instance", instance)
        .update();
  }

  /** Notes that an instance is alive. */
  public void alive(String instance, Instant now) {
    jdbc.sql(
            """
            insert into campaign.instance as i (instance, seen_at) values (:instance, :now)
            on conflict (instance) do update set seen_at = greatest(i.seen_at, excluded.seen_at)
            """)
        .param("instance", instance)
        .param("now", Times.of(now))
        .update();
  }

  /**
   * Gives up the claims of instances that gave no sign of life for a while. Of an instance that
   * never gave one nothing is known: its claims are left to their lease.
   *
   * @param aliveSince what has not been seen since then is gone
   */
  public int giveUpDeparted(Instant aliveSince, String reason, Instant now) {
    return jdbc.sql(
            GIVE_UP
                + """
                  and claimed_at < :since
                  and claimed_by in (select instance from campaign.instance where seen_at < :since)
                """)
        .param("reason", reason)
        .param("now", Times.of(now))
        .param("since", Times.of(aliveSince))
        .update();
  }

  private static void require(int changed, int expected, String what) {
    if (changed != expected) {
      throw new IllegalStateException(
          what + " changed " + changed + " deliveries instead of " + expected);
    }
  }

  private static Campaign campaign(ResultSet row, int n) throws SQLException {
    return new Campaign(
        row.getString("campaign_id"),
        row.getString("workspace_id"),
        row.getString("name"),
        Definition.message(row.getString("channel")),
        row.getString("secret"),
        row.getString("consent_category"),
        CampaignState.parse(row.getString("state")),
        row.getLong("version"));
  }
}
