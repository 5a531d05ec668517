-- Files whose rows become events.
create table file_import (
    import_id    text        primary key,
    workspace_id text        not null,
    source_id    text        not null,
    name         text        not null,
    definition   text        not null,
    version      bigint      not null default 0,
    state        text        not null
        check (state in ('open', 'checking', 'checked', 'running', 'done', 'failed', 'cancelled')),
    problem      text,
    parts        integer     not null default 0,
    bytes        bigint      not null default 0,
    digest       bytea,
    rows_read    bigint      not null default 0,
    accepted     bigint      not null default 0,
    refused      bigint      not null default 0,
    bytes_read   bigint      not null default 0,
    preview      text,
    -- Who works on it, until when, and the how manieth that is.
    worker       text,
    lease_until  timestamptz,
    epoch        bigint      not null default 0,
    created_at   timestamptz not null,
    changed_at   timestamptz not null,
    started_at   timestamptz,
    finished_at  timestamptz
);

create index file_import_workspace on file_import (workspace_id, import_id);
create index file_import_work on file_import (created_at) where state in ('checking', 'running');

create table file_part (
    import_id text    not null references file_import on delete cascade,
    number    integer not null,
    bytes     bytea   not null,
    primary key (import_id, number)
);

-- Read once and deleted soon: packing them would only take time.
alter table file_part alter column bytes set storage external;

create table file_refusal (
    import_id text   not null references file_import on delete cascade,
    line      bigint not null,
    reasons   text   not null,
    original  text   not null,
    primary key (import_id, line)
);
