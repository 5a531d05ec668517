-- Databases whose rows become events, and how far each is read.
create table pull (
    pull_id       text        primary key,
    workspace_id  text        not null,
    source_id     text        not null,
    name          text        not null,
    definition    text        not null,
    secret        text        not null,
    version       bigint      not null default 0,
    enabled       boolean     not null,
    -- The cursor's value of the last row that was handled, as the database writes it.
    position      text,
    caught_up     boolean     not null default false,
    next_at       timestamptz not null,
    -- Who works on it, until when, and the how manieth that is.
    worker        text,
    lease_until   timestamptz,
    epoch         bigint      not null default 0,
    failures      integer     not null default 0,
    started_at    timestamptz,
    finished_at   timestamptz,
    turn_accepted bigint      not null default 0,
    turn_refused  bigint      not null default 0,
    problem       text,
    reasons       text,
    accepted      bigint      not null default 0,
    refused       bigint      not null default 0,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    constraint pull_name unique (workspace_id, name)
);

create index pull_due on pull (next_at) where enabled;
