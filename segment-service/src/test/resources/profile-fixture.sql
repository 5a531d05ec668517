-- The shape of the views that profile-service publishes, over the simplest tables that can fill them.
create schema profile;
create table profile.home (
    workspace_id text not null, profile_id uuid not null, canonical_id uuid not null,
    traits jsonb not null default '{}', change_no bigint not null default 0,
    primary key (workspace_id, profile_id));
create index on profile.home (workspace_id, canonical_id);
create table profile.happened (
    workspace_id text not null, profile_id uuid not null, at timestamptz not null, received_at timestamptz not null,
    message_id text not null, type text not null, name text, source_id text not null, payload jsonb not null,
    primary key (workspace_id, message_id));
create index on profile.happened (workspace_id, profile_id, at);
-- Of two homes the one that was made later wins a trait.
create view profile.v_profile as
    select h.workspace_id, h.profile_id, h.canonical_id, h.profile_id = h.canonical_id as is_root,
        case when h.profile_id = h.canonical_id then coalesce(
            (select jsonb_object_agg(t.key, t.value order by o.profile_id) from profile.home o
             cross join lateral jsonb_each(o.traits) t
             where o.workspace_id = h.workspace_id and o.canonical_id = h.profile_id), '{}'::jsonb) end as traits,
        '{}'::jsonb as consent, 0::bigint as event_count, null::timestamptz as first_seen,
        null::timestamptz as last_seen, h.change_no,
        case when h.profile_id = h.canonical_id then array(
            select o.profile_id from profile.home o
            where o.workspace_id = h.workspace_id and o.canonical_id = h.profile_id) end as homes
    from profile.home h;
create view profile.v_event as select * from profile.happened;
create view profile.v_privacy_block as
    select ''::text as workspace_id, null::uuid as profile_id, ''::text as kind, now() as since where false;
create table profile.v_privacy_request (
    workspace_id text, request_id text, kind text, profile_id uuid, at timestamptz default now(), state text);
