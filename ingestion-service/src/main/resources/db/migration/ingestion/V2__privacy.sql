-- Requests to erase a person that this service is done with.
create table privacy_receipt (
    workspace_id text        not null,
    request_id   text        not null,
    done_at      timestamptz not null default now(),
    primary key (workspace_id, request_id)
);

create view v_privacy_receipt as
select workspace_id, request_id, done_at from privacy_receipt;
