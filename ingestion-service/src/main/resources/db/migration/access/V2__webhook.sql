-- Sources that known providers send webhooks to. Keys are sealed; hints are their last letters.
alter table source drop constraint source_kind_check;
alter table source add constraint source_kind_check
  check (kind in ('web', 'mobile', 'server', 'tributary', 'webhook'));

create table webhook (
  workspace_id      text not null,
  source_id         text not null references source,
  provider          text not null,
  key               text,                       -- null until the provider has told it
  key_hint          text,
  previous_key      text,                       -- accepted as well, while keys are exchanged
  previous_key_hint text,
  verify_token      text,
  primary key (source_id)
);

-- As before, with one more column.
create or replace view v_write_key as
select k.write_key, k.workspace_id, k.source_id, s.kind as source_kind,
       (k.revoked_at is null and s.enabled and s.deleted_at is null) as enabled,
       case when w.source_id is not null then
         json_build_object('provider', w.provider, 'key', w.key, 'previousKey', w.previous_key,
                           'verifyToken', w.verify_token)::text
       end as webhook
from write_key k
join source s on s.source_id = k.source_id
left join webhook w on w.source_id = s.source_id;
