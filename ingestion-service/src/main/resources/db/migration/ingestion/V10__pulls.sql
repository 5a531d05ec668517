-- Databases whose rows become events, and how far each is read.
create table pull (
    pull_id       text        primary key,
    workspace_id  text        not null,
    source_id     text        not null,
    name          text        not null,
    definition    text        not null,
    secret        text        not null,
    version       bigint      not null default 0,
    -- Counts what makes rows that were handled worth handling again.
    generation    bigint      not null default 0,
    enabled       boolean     not null,
    -- The last row that was handled: its cursor's value as the database writes it, and a hash of the row.
    position      text,
    position_hash bigint,
    -- A pass is from somewhere to the end; it may take several turns. When the one at hand began, and whether it
    -- has handled a row; how long the last whole one took.
    pass_began_at timestamptz,
    pass_moved    boolean     not null default false,
    pass_seconds  integer     not null default 0,
    caught_up     boolean     not null default false,
    passed_at     timestamptz,
    -- Where it was at some time in the last week or two, and a week or longer before that: behind the latter all is settled.
    mark          text,
    mark_hash     bigint,
    marked_at     timestamptz,
    settled       text,
    settled_hash  bigint,
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
