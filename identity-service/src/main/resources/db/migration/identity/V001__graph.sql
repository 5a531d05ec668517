-- The identity graph. A node is a home: a profile id to which identifiers and events belong for good.
-- A merge links the root of one component to the root of another; canonical_id is the root of a node's links.

create table node (
    workspace_id text        not null,
    profile_id   uuid        not null,
    canonical_id uuid        not null,
    merged_into  uuid,
    link_version bigint      not null default 0, -- counts the changes of merged_into
    user_id      text,                           -- on roots: the one userId of the component
    homes        int         not null default 1, -- on roots: how many nodes the component has; else 0
    created_at   timestamptz not null,
    primary key (workspace_id, profile_id),
    check ((merged_into is null) = (canonical_id = profile_id)),
    check (merged_into is null or user_id is null)
) with (fillfactor = 80);
create index node_component on node (workspace_id, canonical_id);

-- Only an anonymousId has several rows: it belongs to a home from a time on.
create table identifier (
    workspace_id     text        not null,
    type             text        not null,
    value            text        not null,
    valid_from       timestamptz not null default '-infinity',
    profile_id       uuid        not null,
    source_id        text        not null,
    first_message_id text        not null,
    created_at       timestamptz not null,
    primary key (workspace_id, type, value, valid_from),
    check (type = 'anonymousId' or valid_from = '-infinity')
);
create index identifier_home on identifier (workspace_id, profile_id);

create table merge (
    workspace_id  text        not null,
    merge_id      text        not null,
    absorbed_id   uuid        not null,
    survivor_id   uuid        not null,
    version       bigint      not null, -- link_version of the absorbed node
    cause         jsonb       not null, -- {rule, matched: [identifier types], messageId}
    partition     int         not null,
    position      bigint      not null,
    at            timestamptz not null,
    split_at      timestamptz,
    split_by      text,
    split_version bigint,
    primary key (workspace_id, merge_id)
);
create unique index merge_active on merge (workspace_id, absorbed_id) where split_at is null;
create index merge_absorbed on merge (workspace_id, absorbed_id);
create index merge_survivor on merge (workspace_id, survivor_id);
create index merge_place on merge (partition, position);

-- Two nodes that were split by hand: no event joins their components again.
create table veto (
    workspace_id text        not null,
    low          uuid        not null,
    high         uuid        not null,
    merge_id     text        not null,
    at           timestamptz not null,
    primary key (workspace_id, low, high),
    check (low < high)
);

create table refused_link (
    workspace_id     text        not null,
    refused_id       text        not null,
    profile_id       uuid        not null,
    type             text        not null,
    value            text        not null,
    other_profile_id uuid        not null,
    reason           text        not null,
    message_id       text        not null,
    at               timestamptz not null,
    primary key (workspace_id, refused_id)
);
-- The same refusal is told once, however often it repeats.
create unique index refused_link_once on refused_link (workspace_id, profile_id, type, value, other_profile_id, reason);
create index refused_link_other on refused_link (workspace_id, other_profile_id);

-- Bumped by everything that takes links or identifiers away; each batch holds its row for share.
create table workspace_epoch (
    workspace_id text   not null primary key,
    epoch        bigint not null default 0,
    vetoes       int    not null default 0
) with (fillfactor = 50);

create table privacy_receipt (
    workspace_id text        not null,
    request_id   text        not null,
    done_at      timestamptz not null,
    primary key (workspace_id, request_id)
);
