-- What a profile says apart from what it counts: nearly every event counts, few say something new, and an update of a row
-- writes all of it anew.
create table claim (
    workspace_id     text not null,
    profile_id       uuid not null,
    traits           jsonb,         -- this home's: key -> {v value, t micros, s source, m message}; null = none
    consent          jsonb,         -- category -> the same
    -- What readers see of the person; only on rows that are roots.
    resolved         jsonb,
    resolved_consent jsonb,
    primary key (workspace_id, profile_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
do $$
begin
    alter table claim alter column traits set compression lz4;
    alter table claim alter column resolved set compression lz4;
exception when feature_not_supported then null;
end $$;

insert into claim (workspace_id, profile_id, traits, consent, resolved, resolved_consent)
select workspace_id, profile_id, nullif(traits, '{}'), nullif(consent, '{}'), resolved, resolved_consent
from profile
where erased_at is null
  and (traits <> '{}' or consent <> '{}' or resolved <> '{}' or resolved_consent <> '{}');

create or replace view v_profile as
select p.workspace_id,
       p.profile_id,
       p.canonical_id,
       p.profile_id = p.canonical_id                 as is_root,
       case when p.profile_id = p.canonical_id then coalesce(c.resolved, '{}') end         as traits,
       case when p.profile_id = p.canonical_id then coalesce(c.resolved_consent, '{}') end as consent,
       coalesce(p.total_event_count, p.event_count)  as event_count,
       case when p.profile_id = p.canonical_id then p.total_first_seen else p.first_seen end as first_seen,
       case when p.profile_id = p.canonical_id then p.total_last_seen else p.last_seen end   as last_seen,
       p.change_no,
       p.homes
from profile p
         left join claim c on c.workspace_id = p.workspace_id and c.profile_id = p.profile_id
where p.erased_at is null;

alter table profile
    drop column traits,
    drop column consent,
    drop column resolved,
    drop column resolved_consent,
    -- A row is small now, and changes with every event: room for its next versions keeps them on its page.
    set (fillfactor = 60);
