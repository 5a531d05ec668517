-- What people define. Written by JPA only; how far a definition has come stands in build.
create table segment (
    workspace_id text        not null,
    segment_id   text        not null,
    name         text        not null,
    description  text        not null,
    condition    jsonb       not null,
    version      bigint      not null,
    row_version  bigint      not null,
    deleted      boolean     not null default false,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (workspace_id, segment_id)
);
create unique index segment_id_unique on segment (segment_id);

-- The work that makes a definition take effect, and the definition that is in effect meanwhile.
create table build (
    workspace_id   text        not null,
    segment_id     text        not null,
    state          text        not null check (state in ('building', 'ready', 'failed', 'deleting', 'deleted')),
    step           text        not null check (step in ('fill', 'evaluate', 'clear', 'none')),
    target_version bigint      not null,
    live_version   bigint,
    live_condition jsonb,
    next_profile   uuid,
    done           bigint      not null default 0,
    total          bigint      not null default 0,
    started_at     timestamptz not null,
    finished_at    timestamptz,
    attempts       int         not null default 0,
    problem        text,
    lease_owner    text,
    lease_until    timestamptz,
    primary key (workspace_id, segment_id)
);
create index build_open on build (started_at) where state in ('building', 'deleting');

-- Counts the changes of a workspace's definitions, so that every process notices them.
create table definitions_epoch (
    workspace_id text   not null primary key,
    epoch        bigint not null
);

-- One row per profile id (home or root): its lock is held while anything below is changed for it.
create table profile_lock (
    workspace_id text    not null,
    profile_id   uuid    not null,
    evaluated    boolean not null default false,
    primary key (workspace_id, profile_id)
) with (fillfactor = 80);

-- When a home did what some condition counts: epoch microseconds, latest first, and hashes of the message ids.
create table behaviour (
    workspace_id text     not null,
    profile_id   uuid     not null,
    pattern_id   text     not null,
    times        bigint[] not null,
    ids          bigint[] not null,
    primary key (workspace_id, profile_id, pattern_id)
) with (fillfactor = 80);

create table membership (
    workspace_id    text        not null,
    profile_id      uuid        not null,
    segment_id      text        not null,
    member          boolean     not null,
    since           timestamptz not null,
    version         bigint      not null,
    segment_version bigint      not null,
    due_at          timestamptz,
    reason          text        not null,
    primary key (workspace_id, profile_id, segment_id)
) with (fillfactor = 80);
create index membership_due on membership (due_at) where due_at is not null;
create index membership_members on membership (workspace_id, segment_id, profile_id) where member;

create table transition (
    workspace_id text        not null,
    segment_id   text        not null,
    profile_id   uuid        not null,
    change       text        not null,
    at           timestamptz not null,
    reason       text        not null,
    message_id   text,
    shard        int         not null,
    id           bigint      not null,
    primary key (workspace_id, profile_id, shard, id)
);
create index transition_history on transition (workspace_id, segment_id, at desc, shard desc, id desc);

create table privacy_receipt (
    workspace_id text        not null,
    request_id   text        not null,
    profile_id   uuid        not null,
    done_at      timestamptz not null,
    primary key (workspace_id, request_id, profile_id)
);

-- What other services may read.
create view v_membership as
    select workspace_id, segment_id, profile_id, since from membership where member;
create view v_privacy_receipt as
    select workspace_id, request_id, max(done_at) as done_at from privacy_receipt group by workspace_id, request_id;
