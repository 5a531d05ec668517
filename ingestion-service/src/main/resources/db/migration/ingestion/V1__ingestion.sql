-- Who refused events were sent by and what stood around them, for judging them again. The event
-- itself lies in quarantine under the same partition and position of topic ingestion.rejected.
create table refused_event (
    partition    int         not null,
    position     bigint      not null,
    received_at  timestamptz not null,
    on_device    boolean     not null,
    ip           text,
    call         text,
    sent_at      bytea,
    context      bytea,
    integrations bytea,
    primary key (partition, position)
);

-- What was put back into the stream, also for the quarantines of other services: once each.
create table replay (
    quarantine_id text        not null primary key,
    workspace_id  text        not null,
    token_id      text        not null,
    state         text        not null check (state in ('started', 'done')),
    at            timestamptz not null default now(),
    done_at       timestamptz
);
