-- A source whose events come from a database that is read again and again.
alter table source drop constraint source_kind_check;
alter table source add constraint source_kind_check
  check (kind in ('web', 'mobile', 'server', 'tributary', 'webhook', 'file', 'database'));
