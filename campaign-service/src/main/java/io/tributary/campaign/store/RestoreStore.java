package io.tributary.campaign.store;

import io.tributary.event.Topics;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What this service keeps of a restore. Methods take part in the transaction at hand. */
public final class RestoreStore {
  private final JdbcClient jdbc;

  /** In this database. */
  public RestoreStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * The latest restore.
   *
   * @param logLost whether Kafka came from the backup, too
   * @param replayTo what was accepted before it, as a position token
   */
  public record Restore(
      int lineage,
      boolean logLost,
      String replayTo,
      Instant at,
      boolean settled,
      boolean released) {}

  /** Empty for a database that was never restored. */
  public Optional<Restore> latest() {
    return jdbc.sql(
            """
            select l.lineage, l.log_lost, l.replay_to, l.began_at, s.lineage is not null as settled,
                   s.released_at is not null as released
            from campaign.lineage l left join campaign.restore_step s on s.lineage = l.lineage
            order by l.lineage desc limit 1
            """)
        .query((row, n) ->
            new Restore(
                row.getInt("lineage"),
                row.getBoolean("log_lost"),
                row.getString("replay_to"),
                Times.get(row, "began_at"),
                row.getBoolean("settled"),
                row.getBoolean("released")))
        .optional();
  }

  /** Whether other instances leave this one the work; to the end of the transaction. */
  public boolean hold() {
    return jdbc.sql("select pg_try_advisory_xact_lock(hashtextextended('campaign|restore', 0))")
        .query(Boolean.class)
        .single();
  }

  /** A send as {@link Topics#CAMPAIGN_SENDS} has it. */
  public record Logged(
      String workspaceId,
      String deliveryId,
      String campaignId,
      int attempt,
      String triggerKey,
      UUID profileId,
      @Nullable String addressHash,
      Instant at) {}

  /**
   * Takes over what was sent: known deliveries that were claimed once more than the database knows
   * are uncertain; unknown ones are kept for their triggers.
   */
  public int takeSends(List<Logged> sends, Instant now) {
    String logged =
        "unnest(:workspaces, :ids, :campaigns, :attempts, :keys, :profiles, :hashes, :times)"
            + " as s(workspace, id, campaign, attempt, key, profile, hash, at)";
    int uncertain =
        sends(
                """
                update campaign.delivery d
                set state = 'uncertain', outcome = 'restored', finished_at = :now, event = null
                from %s
                where d.workspace_id = s.workspace and d.delivery_id = s.id and d.state = 'pending'
                  and d.attempts < s.attempt
                """
                    .formatted(logged),
                sends)
            .param("now", Times.of(now))
            .update();
    return uncertain
        + sends(
                """
                insert into campaign.restored_send
                    (workspace_id, delivery_id, campaign_id, trigger_key, profile_id, address_hash, sent_at)
                select workspace, id, campaign, key, profile, decode(hash, 'hex'), at::timestamptz
                from %s
                where not exists (select from campaign.delivery d
                                  where d.workspace_id = s.workspace and d.delivery_id = s.id)
                on conflict do nothing
                """
                    .formatted(logged),
                sends)
            .update();
  }

  private JdbcClient.StatementSpec sends(String sql, List<Logged> sends) {
    return jdbc.sql(sql)
        .param("workspaces", texts(sends, Logged::workspaceId))
        .param("ids", texts(sends, Logged::deliveryId))
        .param("campaigns", texts(sends, Logged::campaignId))
        .param(
            "attempts",
            SqlArrays.bigint(sends.stream().map(send -> (long) send.attempt()).toList()))
        .param("keys", texts(sends, Logged::triggerKey))
        .param("profiles", SqlArrays.uuid(sends.stream().map(Logged::profileId).toList()))
        .param("hashes", texts(sends, Logged::addressHash))
        .param("times", texts(sends, send -> send.at().toString()));
  }

  private static org.springframework.jdbc.support.SqlArrayValue texts(
      List<Logged> sends, Function<Logged, @Nullable String> field) {
    List<@Nullable String> texts = new ArrayList<>();
    sends.forEach(send -> texts.add(field.apply(send)));
    return SqlArrays.text(texts);
  }

  /** Lifts suppressions. */
  public void lift(Collection<String> ids) {
    jdbc.sql("delete from campaign.suppression where suppression_id = any(:ids)")
        .param("ids", SqlArrays.text(ids))
        .update();
  }

  /** Suppresses the address behind a hash, whose text nobody knows here any more. */
  public void suppress(
      String id, String workspaceId, String channel, byte[] hash, String reason, Instant at) {
    jdbc.sql(
            """
            insert into campaign.suppression (suppression_id, workspace_id, channel, address_hash, reason, created_at)
            values (:id, :workspace, :channel, :hash, :reason, :at)
            on conflict do nothing
            """)
        .param("id", id)
        .param("workspace", workspaceId)
        .param("channel", channel)
        .param("hash", hash)
        .param("reason", reason)
        .param("at", Times.of(at))
        .update();
  }

  /** Notes that the topics were taken over. */
  public void settled(int lineage, Instant now) {
    jdbc.sql(
            "insert into campaign.restore_step (lineage, settled_at) values (:lineage, :now) on conflict do nothing")
        .param("lineage", lineage)
        .param("now", Times.of(now))
        .update();
  }

  /** Whether the profile service has carried out again what was asked of it after the backup. */
  public boolean privacyIsDone(int lineage) {
    return jdbc.sql("select open_requests = 0 from profile.v_restore where lineage = :lineage")
        .param("lineage", lineage)
        .query(Boolean.class)
        .optional()
        .orElse(false);
  }

  /**
   * The moment, by the database's clock, at which the segment service has acted upon all that was
   * due until then; empty while it hasn't.
   */
  public Optional<Instant> crossedAt(Instant until) {
    return jdbc.sql(
            "select at from segment.v_unsaid where earliest_due is null or earliest_due > :until")
        .param("until", Times.of(until))
        .query((row, n) -> Times.get(row, "at"))
        .optional();
  }

  /** Whether the segment service has appended the crossings up to a moment. */
  public boolean crossingsAreAppended(Instant until) {
    return jdbc.sql(
            """
            select oldest_unappended is null or oldest_unappended > :until from segment.v_unsaid
            """)
        .param("until", Times.of(until))
        .query(Boolean.class)
        .single();
  }

  /** Ends what was triggered before a restore that lost the log: it may have been sent. */
  public int giveUpOlder(Instant restoredAt, Instant now) {
    return jdbc.sql(
            """
            update campaign.delivery
            set state = 'uncertain', outcome = 'older_than_restore', finished_at = :now, event = null
            where state = 'pending' and (event is null or (event ->> 'receivedAt')::timestamptz < :at)
            """)
        .param("now", Times.of(now))
        .param("at", Times.of(restoredAt))
        .update();
  }

  /** Notes that sends may go. */
  public void released(int lineage, Instant now) {
    jdbc.sql("update campaign.restore_step set released_at = :now where lineage = :lineage")
        .param("now", Times.of(now))
        .param("lineage", lineage)
        .update();
  }

  /**
   * A delivery that is about to be claimed.
   *
   * @param byEvent whether an event triggered it: then its key is the same in every life
   * @param runId of a campaign that is sent once; null for others
   */
  public record Candidate(
      String deliveryId,
      boolean byEvent,
      @Nullable String runId,
      String triggerKey,
      Set<UUID> profiles,
      byte @Nullable [] addressHash,
      Instant createdAt) {}

  /**
   * Which of the candidates were sent before the restore, or may have been. Each logged send keeps
   * one: what was triggered otherwise than by an event is recognised by the person, as far as it
   * belongs to the past.
   */
  public Set<String> sentBefore(String campaignId, List<Candidate> candidates) {
    Set<String> sent = new HashSet<>();
    Set<String> lost = runsOfLostLogs(candidates);
    for (Candidate candidate : candidates) {
      if (candidate.runId() != null && lost.contains(candidate.runId())) {
        sent.add(candidate.deliveryId());
      }
    }
    List<Open> open = open(campaignId, candidates);
    if (open.isEmpty()) {
      return Set.copyOf(sent);
    }
    Optional<Instant> released =
        jdbc.sql("select max(released_at) from campaign.restore_step")
            .query((row, n) -> Optional.ofNullable(row.getTimestamp(1)))
            .single()
            .map(java.sql.Timestamp::toInstant);
    Map<String, String> matched = new HashMap<>();
    for (Candidate candidate : candidates) {
      for (Open one : open) {
        if (!matched.containsKey(one.deliveryId()) && one.fits(candidate, released)) {
          matched.put(one.deliveryId(), candidate.deliveryId());
          sent.add(candidate.deliveryId());
          break;
        }
      }
    }
    matched.forEach((id, by) ->
        jdbc.sql(
                "update campaign.restored_send set matched_by = :by where campaign_id = :campaign and delivery_id = :id")
            .param("by", by)
            .param("campaign", campaignId)
            .param("id", id)
            .update());
    return Set.copyOf(sent);
  }

  /** Runs that began before a restore that lost the log: nobody knows how far they got. */
  private Set<String> runsOfLostLogs(List<Candidate> candidates) {
    Set<String> runs = new HashSet<>();
    candidates.forEach(candidate -> {
      if (candidate.runId() != null) {
        runs.add(candidate.runId());
      }
    });
    return runs.isEmpty()
        ? Set.of()
        : Set.copyOf(
            jdbc.sql(
                    """
                    select run_id from campaign.run r
                    where run_id = any(:runs)
                      and exists (select from campaign.lineage l where l.log_lost and l.began_at > r.started_at)
                    """)
                .param("runs", SqlArrays.text(runs))
                .query(String.class)
                .list());
  }

  private record Open(
      String deliveryId, String triggerKey, UUID profileId, @Nullable ByteBuffer addressHash) {
    boolean fits(Candidate candidate, Optional<Instant> released) {
      if (candidate.byEvent()) {
        return candidate.triggerKey().equals(triggerKey);
      }
      boolean past =
          candidate.runId() != null
              || (released.isPresent() && !candidate.createdAt().isAfter(released.get()));
      byte[] hash = candidate.addressHash();
      return past
          && (candidate.profiles().contains(profileId)
              || (hash != null && ByteBuffer.wrap(hash).equals(addressHash)));
    }
  }

  private List<Open> open(String campaignId, List<Candidate> candidates) {
    Set<UUID> profiles = new HashSet<>();
    List<byte[]> hashes = new ArrayList<>();
    for (Candidate candidate : candidates) {
      profiles.addAll(candidate.profiles());
      if (candidate.addressHash() != null) {
        hashes.add(candidate.addressHash());
      }
    }
    return jdbc.sql(
            """
            select delivery_id, trigger_key, profile_id, address_hash from campaign.restored_send
            where campaign_id = :campaign and matched_by is null
              and (trigger_key = any(:keys) or profile_id = any(:profiles) or address_hash = any(:hashes))
            order by sent_at, delivery_id for update
            """)
        .param("campaign", campaignId)
        .param("keys", SqlArrays.text(candidates.stream().map(Candidate::triggerKey).toList()))
        .param("profiles", SqlArrays.uuid(profiles))
        .param("hashes", SqlArrays.bytea(hashes))
        .query(RestoreStore::open)
        .list();
  }

  private static Open open(ResultSet row, int n) throws SQLException {
    byte[] hash = row.getBytes("address_hash");
    return new Open(
        row.getString("delivery_id"),
        row.getString("trigger_key"),
        row.getObject("profile_id", UUID.class),
        hash == null ? null : ByteBuffer.wrap(hash));
  }

  /** The hash that the log's text stands for. */
  public static byte[] hash(String text) {
    return HexFormat.of().parseHex(text);
  }
}
