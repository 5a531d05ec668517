-- What is done to the events of a source before they are judged, in all its versions. One without
-- steps does nothing.
create table transformation (
    source_id    text        not null,
    version      bigint      not null,
    workspace_id text        not null,
    document     text        not null,
    created_at   timestamptz not null,
    primary key (source_id, version)
);

-- Whether what is kept of a refused event has that behind it.
alter table refused_event add column transformed boolean not null default false;
