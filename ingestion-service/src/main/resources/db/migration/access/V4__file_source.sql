-- A source whose events come from files.
alter table source drop constraint source_kind_check;
alter table source add constraint source_kind_check
  check (kind in ('web', 'mobile', 'server', 'tributary', 'webhook', 'file'));
