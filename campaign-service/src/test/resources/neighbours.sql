-- What the other services publish, as tables of the same shape.
create schema access;
create table access.v_token (token_hash bytea, workspace_id text, token_id text, scopes text[], expires_at timestamptz, revoked_at timestamptz);
create table access.v_write_key (write_key text, workspace_id text, source_id text, source_kind text, enabled boolean);
create schema profile;
create table profile.v_profile (
    workspace_id text, profile_id uuid, canonical_id uuid, is_root boolean, traits jsonb, consent jsonb, event_count bigint,
    first_seen timestamptz, last_seen timestamptz, change_no bigint, homes uuid[], primary key (workspace_id, profile_id));
create table profile.v_privacy_block (workspace_id text, profile_id uuid, kind text, since timestamptz default now());
create table profile.v_privacy_request (
    workspace_id text, request_id text, kind text, profile_id uuid, at timestamptz default now(), state text);
create schema identity;
create table identity.v_identifier (
    workspace_id text, type text, value text, profile_id uuid, valid_from timestamptz, source_id text, first_message_id text,
    created_at timestamptz default now());
create schema segment;
create table segment.v_membership (workspace_id text, segment_id text, profile_id uuid, since timestamptz default now());
