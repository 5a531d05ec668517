-- What events of sources should look like. The row has the latest version, which sources are checked by.
create table tracking_plan (
    workspace_id text        not null,
    plan_id      text        not null,
    name         text        not null,
    document     json        not null,
    version      bigint      not null,
    row_version  bigint      not null,
    deleted      boolean     not null default false,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (plan_id)
);
create index tracking_plan_page on tracking_plan (workspace_id, plan_id) where not deleted;
create unique index tracking_plan_name on tracking_plan (workspace_id, lower(name)) where not deleted;

-- Every version that there was: events name the one that they were checked by.
create table tracking_plan_version (
    workspace_id text        not null,
    plan_id      text        not null references tracking_plan,
    version      bigint      not null,
    document     json        not null,
    created_at   timestamptz not null,
    primary key (plan_id, version)
);

-- Which sources are checked; each by one plan at most.
create table planned_source (
    workspace_id text        not null,
    source_id    text        not null primary key,
    plan_id      text        not null references tracking_plan,
    attached_at  timestamptz not null
);
create index planned_source_plan on planned_source (plan_id);

-- How events break plans. Names, kinds and message ids, never values.
create table violation (
    workspace_id text        not null,
    plan_id      text        not null references tracking_plan,
    event        text        not null,
    field        text        not null,
    kind         text        not null,
    version      bigint      not null,  -- the latest that found it
    count        bigint      not null,
    first_seen   timestamptz not null,
    last_seen    timestamptz not null,
    samples      jsonb       not null,  -- the latest three: messageId, found
    primary key (plan_id, event, field, kind)
);
