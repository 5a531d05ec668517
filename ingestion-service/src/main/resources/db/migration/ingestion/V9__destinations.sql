-- Other systems that are told of what happens here.
create table destination (
    destination_id text        primary key,
    workspace_id   text        not null,
    name           text        not null,
    definition     text        not null,
    secret         text        not null,      -- sealed; what is sent is signed with it
    old_secret     text,                      -- sealed; signs as well, until
    old_until      timestamptz,
    state          text        not null default 'running' check (state in ('running', 'paused', 'stopped')),
    problem        text,                      -- why it was stopped
    version        bigint      not null default 0,
    turn           bigint      not null default 0,  -- counts what has its worker begin anew
    delivered_at   timestamptz,
    failed_at      timestamptz,               -- the last attempt that failed, and how
    failure        text,
    -- Who works on it, until when, and the how manieth that is.
    worker         text,
    lease_until    timestamptz,
    epoch          bigint      not null default 0,
    created_at     timestamptz not null,
    updated_at     timestamptz not null
) with (fillfactor = 50);
create unique index destination_name on destination (workspace_id, name);

-- How far each has read the log; changes along with the counts and with what is undelivered.
create table destination_position (
    destination_id text   not null references destination on delete cascade,
    topic          text   not null,
    partition      int    not null,
    topic_id       text   not null,
    next_offset    bigint not null,
    primary key (destination_id, topic, partition)
) with (fillfactor = 50);

-- Messages that wait for another attempt, and those that nobody will attempt again by himself.
create table undelivered (
    letter_id      bigint      generated always as identity primary key,
    destination_id text        not null references destination on delete cascade,
    workspace_id   text        not null,
    message_id     text        not null,
    profile_id     uuid        not null,      -- whose order is kept
    home_id        uuid        not null,
    type           text        not null,
    body           bytea       not null,
    state          text        not null check (state in ('waiting', 'failed')),
    attempts       int         not null,
    problem        text,
    made_at        timestamptz not null,
    due_at         timestamptz not null,
    tried_at       timestamptz
);
create unique index undelivered_once on undelivered (destination_id, message_id);
create index undelivered_waiting on undelivered (destination_id, profile_id, letter_id) where state = 'waiting';
create index undelivered_person on undelivered (workspace_id, profile_id);
create index undelivered_home on undelivered (workspace_id, home_id);
create index undelivered_state on undelivered (destination_id, state, letter_id);

-- Counts by hour; old hours are summed up in one row, of 1970. received = filtered + delivered + discarded + what is undelivered.
create table destination_hour (
    destination_id text        not null references destination on delete cascade,
    hour           timestamptz not null,
    received       bigint      not null default 0,
    filtered       bigint      not null default 0,
    delivered      bigint      not null default 0,
    discarded      bigint      not null default 0,
    attempts       bigint      not null default 0,
    times          bigint[]    not null,      -- of attempts that were answered, by how long that took
    primary key (destination_id, hour)
) with (fillfactor = 50);
