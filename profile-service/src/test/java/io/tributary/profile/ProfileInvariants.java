package io.tributary.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What must hold of the profile store at any time, asked of Postgres from the events and links
 * themselves.
 */
public final class ProfileInvariants {
  private static final Map<String, String> VIOLATIONS =
      Map.of(
          "a canonical id is the end of the links (unless they form a circle)",
          """
          with recursive walk(workspace_id, start, at, next, steps) as (
            select workspace_id, profile_id, profile_id, merged_into, 0 from profile.profile
            where erased_at is null
            union all
            select w.workspace_id, w.start, p.profile_id, p.merged_into, w.steps + 1
            from walk w join profile.profile p on p.workspace_id = w.workspace_id and p.profile_id = w.next
            where w.steps < 50)
          select p.profile_id::text from profile.profile p
          join walk w on w.workspace_id = p.workspace_id and w.start = p.profile_id and w.next is null
          where w.at <> p.canonical_id
          """,
          "every canonical id is a row that points to itself",
          """
          select p.profile_id::text from profile.profile p
          left join profile.profile r on r.workspace_id = p.workspace_id and r.profile_id = p.canonical_id
          where r.canonical_id is distinct from r.profile_id
          """,
          "a root's homes and totals are those of its family, and no other row has any",
          """
          select r.profile_id::text from profile.profile r
          cross join lateral (
            select array_agg(p.profile_id order by p.profile_id) as homes, sum(p.event_count)::bigint as events,
                   min(p.first_seen) as first_seen, max(p.last_seen) as last_seen
            from profile.profile p
            where p.workspace_id = r.workspace_id and p.canonical_id = r.profile_id) f
          left join profile.claim c on c.workspace_id = r.workspace_id and c.profile_id = r.profile_id
          where r.erased_at is null and case when r.profile_id = r.canonical_id
            then (r.homes, r.total_event_count, r.total_first_seen, r.total_last_seen)
                 is distinct from (f.homes, f.events, f.first_seen, f.last_seen) or (c.profile_id is not null and c.resolved is null)
            else num_nonnulls(r.homes, r.total_event_count, r.total_first_seen, r.total_last_seen, c.resolved) > 0 end
          """,
          "a home counts exactly its events",
          """
          select p.profile_id::text from profile.profile p
          cross join lateral (
            select count(*) as events, min(at) as first_seen,
                   max(at) filter (where payload->'context'->'active' is distinct from 'false') as last_seen
            from profile.event e where e.workspace_id = p.workspace_id and e.profile_id = p.profile_id) f
          where (p.event_count, p.first_seen, p.last_seen) is distinct from (f.events, f.first_seen, f.last_seen)
          """,
          "an event has a home",
          """
          select e.message_id from profile.event e
          left join profile.profile p on p.workspace_id = e.workspace_id and p.profile_id = e.profile_id
          where p.profile_id is null or p.erased_at is not null
          """,
          "what a reader sees of the traits is what the events say",
          """
          with claim as (
            select e.workspace_id, p.canonical_id, t.key, t.value, e.at, e.message_id
            from profile.event e
            join profile.profile p on p.workspace_id = e.workspace_id and p.profile_id = e.profile_id
            cross join lateral jsonb_each(
              case when e.type = 'identify' then coalesce(e.payload->'traits', '{}')
                   else coalesce(e.payload->'context'->'traits', '{}') end) t),
          latest as (
            select distinct on (workspace_id, canonical_id, key) *
            from claim order by workspace_id, canonical_id, key, at desc, message_id collate "C" desc),
          expected as (
            select workspace_id, canonical_id, jsonb_object_agg(key, value) as traits
            from latest where value <> 'null' group by workspace_id, canonical_id)
          select r.profile_id::text || ' ' || coalesce(x.traits, '{}')::text || ' ' || r.traits::text
          from profile.v_profile r
          left join expected x on x.workspace_id = r.workspace_id and x.canonical_id = r.profile_id
          where r.is_root
            and r.traits is distinct from coalesce(x.traits, '{}')
            and not exists (select from profile.ignored_trait i
                            join profile.profile p on p.workspace_id = i.workspace_id and p.profile_id = i.profile_id
                            where p.workspace_id = r.workspace_id and p.canonical_id = r.profile_id)
          """,
          "control totals count the stored events",
          """
          select 'applied' from profile.v_control_total
          where consumer = 'profile' and outcome = 'applied'
            and total < (select count(*) from profile.event)
          """);

  private ProfileInvariants() {}

  /** Fails with the first rule that is broken, and the rows that break it. */
  public static void check(JdbcClient sql) {
    VIOLATIONS.forEach((rule, query) ->
        assertThat(sql.sql(query).query(String.class).list()).as(rule).isEqualTo(List.of()));
  }
}
