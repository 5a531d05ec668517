-- How far this service is after a restore: the requests that the topic holds and the database doesn't are carried out again.
create table restore_step (
    lineage int         not null primary key,
    read_at timestamptz not null
);

create table restored_request (
    workspace_id text        not null,
    request_id   text        not null,
    kind         text        not null,
    profile_id   uuid        not null,
    homes        uuid[]      not null,
    salt         text        not null,
    names        text[]      not null,             -- sums of the identifiers that the person had
    token_id     text        not null,
    at           timestamptz not null,
    position     text        not null,             -- what was accepted before the request
    done_at      timestamptz,
    primary key (workspace_id, request_id)
);

create view v_restore as
select s.lineage, (select count(*) from restored_request r where r.done_at is null) as open_requests
from restore_step s;
