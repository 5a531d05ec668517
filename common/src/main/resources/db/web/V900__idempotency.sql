-- Answers to requests that carried an Idempotency-Key; kept for 24 hours.
create table idempotency (
  workspace_id text not null,
  key          text not null,
  request_hash bytea not null,
  owner        uuid not null,          -- which attempt works on it; an overtaken one can't finish
  status       int,                    -- null while in progress
  headers      text not null default '',
  body         bytea,                  -- null where the answer held a secret
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  primary key (workspace_id, key)
);

create index idempotency_expires on idempotency (expires_at);
