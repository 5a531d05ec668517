-- The homes of a request to erase that are done here; the receipt is written with the last one.
create table erased_home (
    workspace_id text not null,
    request_id   text not null,
    profile_id   uuid not null,
    primary key (workspace_id, request_id, profile_id)
);
