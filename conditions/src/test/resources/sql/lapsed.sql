select p.profile_id from profile.v_profile p where p.workspace_id = ? and p.is_root and (not exists (select from profile.v_event e where e.workspace_id = ? and e.profile_id = any(p.homes) and e.type = ? and e.name = ? and e.at <= ? and e.at > ? and (select coalesce(case jsonb_typeof(j.v) when 'number' then j.t::numeric when 'string' then case when j.t ~ '^-{0,1}(0|[1-9][0-9]{0,29})([.][0-9]{1,30}){0,1}$' then j.t::numeric end end >= ?::numeric, false) from (select i.v, i.v #>> '{}' as t from (select (e.payload -> 'properties') #> ?::text[] as v) i) j) and (select coalesce(case jsonb_typeof(j.v) when 'string' then j.t = any(?::text[]) when 'boolean' then j.t = any(?::text[]) else false end, false) from (select i.v, i.v #>> '{}' as t from (select (e.payload -> 'properties') #> ?::text[] as v) i) j)) and exists (select from profile.v_event e where e.workspace_id = ? and e.profile_id = any(p.homes) and e.type = ? and e.name = ? and e.at <= ? and (select coalesce(case jsonb_typeof(j.v) when 'number' then j.t::numeric when 'string' then case when j.t ~ '^-{0,1}(0|[1-9][0-9]{0,29})([.][0-9]{1,30}){0,1}$' then j.t::numeric end end >= ?::numeric, false) from (select i.v, i.v #>> '{}' as t from (select (e.payload -> 'properties') #> ?::text[] as v) i) j) and (select coalesce(case jsonb_typeof(j.v) when 'string' then j.t = any(?::text[]) when 'boolean' then j.t = any(?::text[]) else false end, false) from (select i.v, i.v #>> '{}' as t from (select (e.payload -> 'properties') #> ?::text[] as v) i) j)))
-- binds
ws_1
ws_1
track
Order Completed
2026-03-15T12:00:00.123456Z
2025-12-15T12:00:00.123456Z
10
[total]
[S1, S2]
[S1, S2]
[products, 0, sku]
ws_1
track
Order Completed
2026-03-15T12:00:00.123456Z
10
[total]
[S1, S2]
[S1, S2]
[products, 0, sku]
