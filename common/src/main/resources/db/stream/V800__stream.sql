-- What every consuming service keeps in its own schema (see io.tributary.stream).

create table position (
    consumer    text        not null,
    topic       text        not null,
    topic_id    text        not null,
    partition   int         not null,
    next_offset bigint      not null,
    owner_epoch bigint      not null default 0,
    owner       text,
    updated_at  timestamptz not null default now(),
    primary key (consumer, topic, partition)
) with (fillfactor = 50);

create table quarantine (
    id           text        not null primary key,
    workspace_id text,
    source_id    text,
    stage        text        not null,
    message_id   text,
    reasons      jsonb       not null,
    original     bytea       not null,
    topic        text,
    partition    int         not null,
    position     bigint      not null,
    at           timestamptz not null default now(),
    replayed_at  timestamptz
);
create unique index quarantine_place on quarantine (topic, partition, position) where topic is not null;
create index quarantine_recent on quarantine (workspace_id, id desc);

create table control_total (
    consumer  text   not null,
    partition int    not null,
    outcome   text   not null,
    total     bigint not null,
    primary key (consumer, partition, outcome)
) with (fillfactor = 50);

create table change_counter (
    log     text   not null,
    shard   int    not null,
    last_id bigint not null default 0,
    primary key (log, shard)
) with (fillfactor = 50);

create table change_log (
    log          text        not null,
    shard        int         not null,
    id           bigint      not null,
    workspace_id text        not null,
    topic        text        not null,
    key          text        not null,
    value        bytea       not null,
    at           timestamptz not null default now(),
    primary key (log, shard, id)
);
