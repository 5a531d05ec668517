package io.tributary.campaign.store;

import io.tributary.event.Ids;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Runs of campaigns that are sent once. Methods take part in the transaction at hand. */
public final class RunStore {
  private final JdbcClient jdbc;

  /** The runs of this database. */
  public RunStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** A run that isn't done. */
  public record Run(
      String id,
      String workspaceId,
      String campaignId,
      String segmentId,
      String channel,
      @Nullable UUID lastProfile) {}

  /** Begins the run of a campaign. */
  public void start(String workspaceId, String campaignId, String segmentId, Instant at) {
    jdbc.sql(
            """
            insert into campaign.run (run_id, workspace_id, campaign_id, segment_id, started_at)
            values (:id, :workspace, :campaign, :segment, :at)
            """)
        .param("id", Ids.create("run"))
        .param("workspace", workspaceId)
        .param("campaign", campaignId)
        .param("segment", segmentId)
        .param("at", Times.of(at))
        .update();
  }

  /** Locks a run of an active campaign that nobody else works on. */
  public List<Run> next() {
    return jdbc.sql(
            """
            select r.run_id, r.workspace_id, r.campaign_id, r.segment_id, c.channel_type, r.last_profile
            from campaign.run r join campaign.campaign c on c.campaign_id = r.campaign_id
            where not r.done and c.state = 'active'
            order by r.run_id limit 1 for update of r skip locked
            """)
        .query((row, n) ->
            new Run(
                row.getString("run_id"),
                row.getString("workspace_id"),
                row.getString("campaign_id"),
                row.getString("segment_id"),
                row.getString("channel_type"),
                row.getObject("last_profile", UUID.class)))
        .list();
  }

  /** The next members of the segment, in the order of their ids. */
  public List<UUID> members(Run run, int limit) {
    return jdbc.sql(
            """
            select profile_id from segment.v_membership
            where workspace_id = :workspace and segment_id = :segment
              and profile_id > :after
            order by profile_id limit :limit
            """)
        .param("workspace", run.workspaceId())
        .param("segment", run.segmentId())
        .param("after", run.lastProfile() == null ? new UUID(0, 0) : run.lastProfile())
        .param("limit", limit)
        .query(UUID.class)
        .list();
  }

  /** Makes a delivery for each of the people and moves the run on. */
  public void enroll(Run run, List<UUID> members, Instant now) {
    jdbc.sql(
            """
            insert into campaign.delivery
                (delivery_id, workspace_id, campaign_id, run_id, profile_id, trigger_key, channel, state, created_at, due_at)
            select id, :workspace, :campaign, :run, profile, :run || '|' || profile, :channel, 'pending', :now, :now
            from unnest(:ids, :members) as m(id, profile)
            on conflict (workspace_id, campaign_id, trigger_key) do nothing
            """)
        .param("workspace", run.workspaceId())
        .param("campaign", run.campaignId())
        .param("run", run.id())
        .param("channel", run.channel())
        .param("now", Times.of(now))
        .param("ids", SqlArrays.text(members.stream().map(member -> Ids.create("dlv")).toList()))
        .param("members", SqlArrays.uuid(members))
        .update();
    jdbc.sql(
            """
            update campaign.run set last_profile = :last, enrolled = enrolled + :count where run_id = :run
            """)
        .param("last", members.getLast())
        .param("count", members.size())
        .param("run", run.id())
        .update();
  }

  /** Everybody is enrolled. */
  public void done(Run run, Instant now) {
    jdbc.sql("update campaign.run set done = true, done_at = :now where run_id = :run")
        .param("now", Times.of(now))
        .param("run", run.id())
        .update();
  }

  /** Finishes campaigns whose runs are done and whose deliveries have all ended. */
  public List<String> finish(Instant now) {
    return jdbc.sql(
            """
            update campaign.campaign c set state = 'finished', updated_at = :now, version = c.version + 1
            from campaign.run r
            where r.campaign_id = c.campaign_id and r.done and c.state = 'active'
              and not exists (select 1 from campaign.delivery d
                              where d.workspace_id = c.workspace_id and d.campaign_id = c.campaign_id
                                and d.state in ('pending', 'claimed'))
            returning c.campaign_id
            """)
        .param("now", Times.of(now))
        .query(String.class)
        .list();
  }
}
