-- What a destination of the kind postgres fills. Only the first start makes them; they are the receiver's from then on.
create table if not exists "SCHEMA".events (
    message_id   text        primary key,     -- the same whenever the same event is sent
    profile_id   text        not null,        -- who has it, as of then
    home_id      text        not null,        -- the profile that it came to, whose erasure takes it away
    event_id     text        not null,        -- messageId
    type         text        not null,
    event        text,                        -- the name of a tracked event, or of a page or screen
    user_id      text,
    anonymous_id text,
    group_id     text,
    source_id    text,
    occurred_at  timestamptz not null,
    received_at  timestamptz,
    traits       jsonb,
    properties   jsonb,
    context      jsonb
);
create index if not exists events_profile on "SCHEMA".events (profile_id);
create index if not exists events_home on "SCHEMA".events (home_id);
create table if not exists "SCHEMA".profiles (
    profile_id   text        primary key,
    canonical_id text        not null,        -- whom it's part of; itself if it's a person
    user_id      text,
    traits       jsonb       not null default '{}',
    consent      jsonb       not null default '{}',
    changed_at   timestamptz not null
);
create index if not exists profiles_canonical on "SCHEMA".profiles (canonical_id);
create table if not exists "SCHEMA".segment_changes (
    change_id       text        not null,     -- used again only after a restore, at another time
    change_no       bigint,                   -- goes up for each person
    segment_id      text        not null,
    segment_version bigint,
    profile_id      text        not null,
    change          text        not null,     -- entered or exited
    reason          text,
    event_id        text,
    changed_at      timestamptz not null,
    primary key (change_id, profile_id, segment_id, change, changed_at)
);
create index if not exists segment_changes_profile on "SCHEMA".segment_changes (profile_id, segment_id, changed_at);
create table if not exists "SCHEMA".segment_members (
    segment_id text        not null,
    profile_id text        not null,
    entered_at timestamptz not null,
    primary key (segment_id, profile_id)
);
create index if not exists segment_members_profile on "SCHEMA".segment_members (profile_id);
-- Which destination they are for, and who fills them: another worker takes them before it reads what it writes.
create table if not exists "SCHEMA".tributary_writer (
    only_one       boolean not null default true primary key check (only_one),
    destination_id text    not null,
    writer         text    not null
);
