-- Providers of webhooks that workspaces describe themselves, as the files of known ones do.
create table webhook_provider (
  workspace_id text not null,
  provider     text not null,
  definition   text not null,      -- JSON, as it was sent
  version      bigint not null,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, provider)
);

-- As before; a source and the definition that its webhooks are judged by are of one moment.
create or replace view v_write_key as
select k.write_key, k.workspace_id, k.source_id, s.kind as source_kind,
       (k.revoked_at is null and s.enabled and s.deleted_at is null) as enabled,
       case when w.source_id is not null then
         json_build_object('provider', w.provider, 'key', w.key, 'previousKey', w.previous_key,
                           'verifyToken', w.verify_token, 'definition', p.definition)::text
       end as webhook
from write_key k
join source s on s.source_id = k.source_id
left join webhook w on w.source_id = s.source_id
left join webhook_provider p on p.workspace_id = w.workspace_id and p.provider = w.provider;
