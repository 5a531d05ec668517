-- Workspaces, sources with their write keys, API tokens. Owned by ingestion-service; the other
-- services read the views only.
create table workspace (
  workspace_id text primary key,
  name         text not null,
  operator     boolean not null default false,  -- its tokens may create workspaces
  created_at   timestamptz not null,
  version      bigint not null default 0
);

create table source (
  workspace_id text not null,
  source_id    text not null,
  name         text not null,
  kind         text not null check (kind in ('web', 'mobile', 'server', 'tributary')),
  enabled      boolean not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  deleted_at   timestamptz,                     -- kept: events name their source for ever
  version      bigint not null default 0,
  primary key (source_id)
);

create index source_page on source (workspace_id, source_id) where deleted_at is null;
create unique index source_name on source (workspace_id, lower(name)) where deleted_at is null;
create unique index source_internal on source (workspace_id) where kind = 'tributary';

create table write_key (
  workspace_id text not null,
  key_id       text not null,
  source_id    text not null references source,
  write_key    text not null,
  created_at   timestamptz not null,
  revoked_at   timestamptz,
  primary key (key_id),
  unique (write_key)
);

create index write_key_source on write_key (source_id) where revoked_at is null;

create table api_token (
  workspace_id text not null,
  token_id     text not null,
  name         text not null,
  token_hash   bytea not null,                  -- SHA-256; the token itself is nowhere
  hint         text not null,                   -- its first letters, to tell tokens apart
  scopes       text[] not null,
  created_by   text not null,                   -- a token id, or bootstrap
  created_at   timestamptz not null,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  primary key (token_id),
  unique (token_hash)
);

create index api_token_page on api_token (workspace_id, token_id);

create view v_token as
select token_hash, workspace_id, token_id, scopes, expires_at, revoked_at from api_token;

create view v_write_key as
select k.write_key, k.workspace_id, k.source_id, s.kind as source_kind,
       (k.revoked_at is null and s.enabled and s.deleted_at is null) as enabled
from write_key k join source s on s.source_id = k.source_id;

create view v_workspace as
select workspace_id, name, created_at from workspace;
