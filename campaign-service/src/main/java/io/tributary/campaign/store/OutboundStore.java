package io.tributary.campaign.store;

import io.tributary.event.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Events on their way back to the front door. */
public final class OutboundStore {
  private final JdbcClient jdbc;

  /** The outbound events of this database. */
  public OutboundStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** What happened to a delivery; the message id makes that repeating it changes nothing. */
  public record Happening(
      String workspaceId,
      String deliveryId,
      UUID profileId,
      String messageId,
      String event,
      Map<String, String> properties,
      Instant at) {}

  /**
   * An event to post.
   *
   * @param writeKey the workspace's internal one; null while there's none
   * @param address the delivery's; null once the person was erased
   */
  public record Outbound(
      long id,
      String workspaceId,
      String messageId,
      UUID profileId,
      String event,
      JsonNode properties,
      Instant at,
      int attempts,
      @Nullable String address,
      @Nullable String writeKey) {
    @Override
    public String toString() {
      return "Outbound[" + id + "]";
    }
  }

  /** Adds an event in the transaction at hand; once per message id. */
  public boolean add(Happening happening) {
    return jdbc.sql(
                """
                insert into campaign.outbound_event
                    (workspace_id, message_id, delivery_id, profile_id, event, properties, at, next_at)
                values (:workspace, :message, :delivery, :profile, :event, :properties::jsonb, :at, :at)
                on conflict (workspace_id, message_id) do nothing
                """)
            .param("workspace", happening.workspaceId())
            .param("message", happening.messageId())
            .param("delivery", happening.deliveryId())
            .param("profile", happening.profileId())
            .param("event", happening.event())
            .param("properties", Json.MAPPER.writeValueAsString(happening.properties()))
            .param("at", Times.of(happening.at()))
            .update()
        == 1;
  }

  /** Takes events that are due and keeps others from taking them until {@code until}. */
  public List<Outbound> lease(Instant now, Instant until, int limit) {
    return jdbc.sql(
            """
            with due as (
                select outbound_id from campaign.outbound_event
                where refused is null and next_at <= :now
                order by next_at limit :limit for update skip locked),
            taken as (
                update campaign.outbound_event o set next_at = :until, attempts = o.attempts + 1
                from due where o.outbound_id = due.outbound_id returning o.*)
            select t.outbound_id, t.workspace_id, t.message_id, t.profile_id, t.event, t.properties::text as properties,
                   t.at, t.attempts, d.address,
                   (select min(k.write_key) from access.v_write_key k
                    where k.workspace_id = t.workspace_id and k.source_kind = 'tributary' and k.enabled) as write_key
            from taken t
                     left join campaign.delivery d on d.workspace_id = t.workspace_id and d.delivery_id = t.delivery_id
            order by t.outbound_id
            """)
        .param("now", Times.of(now))
        .param("until", Times.of(until))
        .param("limit", limit)
        .query((row, n) ->
            new Outbound(
                row.getLong("outbound_id"),
                row.getString("workspace_id"),
                row.getString("message_id"),
                row.getObject("profile_id", UUID.class),
                row.getString("event"),
                Json.MAPPER.readTree(row.getString("properties")),
                Times.get(row, "at"),
                row.getInt("attempts"),
                row.getString("address"),
                row.getString("write_key")))
        .list();
  }

  /** Forgets events that were taken, or that belong to nobody any more. */
  public void delete(Collection<Long> ids) {
    jdbc.sql("delete from campaign.outbound_event where outbound_id = any(:ids)")
        .param("ids", SqlArrays.bigint(ids))
        .update();
  }

  /** Keeps events that the collector will never take, with its reason, for people to look at. */
  public void refuse(Collection<Long> ids, String reason) {
    jdbc.sql("update campaign.outbound_event set refused = :reason where outbound_id = any(:ids)")
        .param("reason", reason)
        .param("ids", SqlArrays.bigint(ids))
        .update();
  }

  /** Tries again later. */
  public void later(Collection<Long> ids, Instant nextAt) {
    jdbc.sql("update campaign.outbound_event set next_at = :next where outbound_id = any(:ids)")
        .param("next", Times.of(nextAt))
        .param("ids", SqlArrays.bigint(ids))
        .update();
  }

  /** By what a profile is known to the collector. */
  public record Known(@Nullable String userId, @Nullable String anonymousId) {}

  /**
   * The userId of each person, else an anonymousId whose present holder belongs to the person, so
   * that an event with it resolves to them.
   */
  public Map<UUID, Known> identifiers(String workspaceId, Map<UUID, ProfileReader.Person> people) {
    List<UUID> profiles = new ArrayList<>();
    List<UUID> homes = new ArrayList<>();
    people.forEach((profile, person) -> {
      for (UUID home : person.homes()) {
        profiles.add(profile);
        homes.add(home);
      }
    });
    Map<UUID, Known> known = new HashMap<>();
    jdbc.sql(
            """
            select p.profile,
                   min(i.value) filter (where i.type = 'userId') as user_id,
                   min(i.value) filter (where i.type = 'anonymousId' and not exists (
                       select 1 from identity.v_identifier later
                       where later.workspace_id = i.workspace_id and later.type = i.type
                         and later.value = i.value and later.valid_from > i.valid_from)) as anonymous_id
            from unnest(:profiles, :homes) as p(profile, home)
                     join identity.v_identifier i on i.workspace_id = :workspace and i.profile_id = p.home
            where i.type in ('userId', 'anonymousId')
            group by p.profile
            """)
        .param("profiles", SqlArrays.uuid(profiles))
        .param("homes", SqlArrays.uuid(homes))
        .param("workspace", workspaceId)
        .query((row, n) ->
            known.put(
                row.getObject("profile", UUID.class),
                new Known(row.getString("user_id"), row.getString("anonymous_id"))))
        .list();
    return known;
  }
}
