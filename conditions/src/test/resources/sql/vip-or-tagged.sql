select p.profile_id from profile.v_profile p where p.workspace_id = ? and p.is_root and (exists (select from segment.v_membership m where m.workspace_id = ? and m.segment_id = ? and m.profile_id = p.profile_id) or (select coalesce(case jsonb_typeof(j.v) when 'string' then strpos(lower(j.t collate "pg_c_utf8"), ?::text) > 0 when 'array' then exists (select from (select a.v, a.v #>> '{}' as t from jsonb_array_elements(j.v) a(v)) k where coalesce(case jsonb_typeof(k.v) when 'string' then k.t = any(?::text[]) when 'boolean' then k.t = any(?::text[]) else false end, false)) else false end, false) from (select i.v, i.v #>> '{}' as t from (select p.traits #> ?::text[] as v) i) j) or (select coalesce(case jsonb_typeof(j.v) when 'number' then case when scale(j.t::numeric) > 100 then null when abs(j.t::numeric) < 100000000000 then floor(j.t::numeric * 1000000)::bigint when abs(j.t::numeric) < 250000000000000 then floor(j.t::numeric * 1000)::bigint end when 'string' then case when j.t ~ '^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$' then case when pg_input_is_valid(j.t, 'date') then (extract(epoch from (j.t || 'T00:00:00Z')::timestamptz) * 1000000)::bigint end when j.t ~ '^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9}){0,1}){0,1}(Z|[+-](0[0-9]|1[0-4]):{0,1}[0-5][0-9])$' then case when pg_input_is_valid(j.t, 'timestamptz') then (extract(epoch from regexp_replace(j.t, '([.][0-9]{6})[0-9]+', '\1')::timestamptz) * 1000000)::bigint end end end between ?::bigint and ?::bigint, false) from (select i.v, i.v #>> '{}' as t from (select p.traits #> ?::text[] as v) i) j))
-- binds
ws_1
ws_1
seg_vip
vip
[VIP]
[VIP]
[tags]
1772971200123457
1773576000123456
[trial, ends]
