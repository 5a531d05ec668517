-- How far this service is after a restore: what the topics hold is taken over, then sends may go.
create table restore_step (
    lineage     int         not null primary key,
    settled_at  timestamptz not null,
    released_at timestamptz
);

-- Sends that were logged after the backup, whose deliveries the restored database doesn't know. The triggers come again;
-- each of these keeps one of them from being sent.
create table restored_send (
    workspace_id text        not null,
    delivery_id  text        not null,
    campaign_id  text        not null,
    trigger_key  text        not null,
    profile_id   uuid        not null,
    address_hash bytea,
    sent_at      timestamptz not null,
    matched_by   text,                             -- the delivery that it kept
    primary key (workspace_id, delivery_id)
);
create index restored_send_open on restored_send (campaign_id) where matched_by is null;
