select p.profile_id from profile.v_profile p where p.workspace_id = ? and p.is_root and ((((select count(*) from (select from profile.v_event e where e.workspace_id = ? and e.profile_id = any(p.homes) and e.type = ? and e.name = ? and e.at <= ? and e.at > ? limit ?) o) >= ?)) and (select coalesce(case jsonb_typeof(j.v) when 'string' then j.t = any(?::text[]) when 'boolean' then j.t = any(?::text[]) else false end, false) from (select i.v, i.v #>> '{}' as t from (select p.traits #> ?::text[] as v) i) j))
-- binds
ws_1
ws_1
track
Order Completed
2026-03-15T12:00:00.123456Z
2026-02-13T12:00:00.123456Z
2
2
[DE]
[DE]
[country]
