-- The shared profile store. Only profile-service writes here; others read the views v_*.

-- One row per home: a profile id that events were resolved to. A merge only links rows.
create table profile (
    workspace_id     text        not null,
    profile_id       uuid        not null,
    canonical_id     uuid        not null,             -- root of its links; itself where it's a root
    merged_into      uuid,
    link_version     bigint      not null default 0,
    linked_at        timestamptz,
    traits           jsonb       not null default '{}', -- this home's: key -> {v value, t micros, s source, m message}
    consent          jsonb       not null default '{}', -- category -> the same
    event_count      bigint      not null default 0,
    first_seen       timestamptz,
    last_seen        timestamptz,
    change_no        bigint      not null default 0,
    created_at       timestamptz not null default now(),
    erased_at        timestamptz,
    -- What readers see of the person; only on rows that are roots.
    resolved         jsonb,
    resolved_consent jsonb,
    total_event_count bigint,
    total_first_seen timestamptz,
    total_last_seen  timestamptz,
    homes            uuid[],
    primary key (workspace_id, profile_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index profile_family on profile (workspace_id, canonical_id);

-- Every change of a link that took effect: what re-emission says again, and a person's history.
create table link (
    workspace_id          text        not null,
    profile_id            uuid        not null,
    version               bigint      not null,
    merged_into           uuid,
    canonical_id          uuid        not null,
    previous_canonical_id uuid        not null,
    change_no             bigint      not null,
    merge_id              text        not null,
    reason                text        not null,
    at                    timestamptz not null,
    primary key (workspace_id, profile_id, version)
);

create table event (
    workspace_id text        not null,
    profile_id   uuid        not null,  -- the home; never changes
    at           timestamptz not null,
    message_id   text        not null,
    received_at  timestamptz not null,
    type         text        not null,
    name         text,
    source_id    text        not null,
    change_no    bigint      not null,
    payload      jsonb       not null
) partition by range (received_at);
-- lz4 is several times faster than the default, but not every build of Postgres has it.
do $$
begin
    alter table profile alter column traits set compression lz4;
    alter table profile alter column resolved set compression lz4;
    alter table event alter column payload set compression lz4;
exception when feature_not_supported then null;
end $$;
-- Serves the timeline and makes a second insert of the same event a no-op.
create unique index event_once on event (workspace_id, profile_id, at, message_id, received_at);
-- Finds one event by its message id; hashed, because ids are long and only equality is asked for.
create index event_message on event using hash (message_id);
-- Takes what no month was prepared for; must stay empty (see EventPartitions).
create table event_default partition of event default;

create table ignored_trait (
    workspace_id text        not null,
    profile_id   uuid        not null,
    message_id   text        not null,
    key          text        not null,
    reason       text        not null,
    at           timestamptz not null default now(),
    primary key (workspace_id, profile_id, message_id, key)
);

create table privacy_request (
    workspace_id text        not null,
    request_id   text        not null,
    kind         text        not null check (kind in ('suppress', 'unsuppress', 'export', 'erase')),
    profile_id   uuid        not null,
    state        text        not null check (state in ('pending', 'running', 'waiting', 'done')),
    requested_by text        not null,
    at           timestamptz not null,
    finished_at  timestamptz,
    primary key (workspace_id, request_id)
);
create index privacy_request_open on privacy_request (at) where state <> 'done';

create table privacy_request_home (
    workspace_id text not null,
    request_id   text not null,
    profile_id   uuid not null,
    primary key (workspace_id, request_id, profile_id)
);
create index privacy_request_of_home on privacy_request_home (workspace_id, profile_id);

-- An export in pieces; put one after another they are one JSON document.
create table privacy_export (
    workspace_id text        not null,
    request_id   text        not null,
    part         int         not null,
    content      bytea       not null,
    expires_at   timestamptz not null,
    primary key (workspace_id, request_id, part)
);
create index privacy_export_expires on privacy_export (expires_at);

create table privacy_block (
    workspace_id text        not null,
    profile_id   uuid        not null,
    kind         text        not null check (kind in ('suppressed', 'erased')),
    since        timestamptz not null,
    request_id   text        not null,
    primary key (workspace_id, profile_id, kind)
);

create view v_profile as
select workspace_id,
       profile_id,
       canonical_id,
       profile_id = canonical_id                  as is_root,
       resolved                                   as traits,
       resolved_consent                           as consent,
       coalesce(total_event_count, event_count)   as event_count,
       case when profile_id = canonical_id then total_first_seen else first_seen end as first_seen,
       case when profile_id = canonical_id then total_last_seen else last_seen end   as last_seen,
       change_no,
       homes
from profile
where erased_at is null;

create view v_event as
select workspace_id, profile_id, at, received_at, message_id, type, name, source_id, payload
from event;

-- A block holds for the profile it was put on and for whoever that is part of now.
create view v_privacy_block as
select workspace_id, profile_id, kind, min(since) as since
from (select workspace_id, profile_id, kind, since
      from privacy_block
      union all
      select b.workspace_id, p.canonical_id, b.kind, b.since
      from privacy_block b
               join profile p on p.workspace_id = b.workspace_id and p.profile_id = b.profile_id) as both_ids
group by workspace_id, profile_id, kind;

create view v_privacy_request as
select r.workspace_id, r.request_id, r.kind, h.profile_id, r.at, r.state
from privacy_request r
         join privacy_request_home h on h.workspace_id = r.workspace_id and h.request_id = r.request_id;
