-- What came from each source: figures to look at, added up by all collectors. The books are the
-- control totals. Hours and days older than a week are swept.
create table source_hour (
    workspace_id     text        not null,
    source_id        text        not null,
    hour             timestamptz not null,
    requests         bigint      not null,
    retried_requests bigint      not null,
    refused_requests bigint      not null,
    bytes            bigint      not null,
    accepted         bigint      not null,
    refused          bigint      not null,
    retried_events   bigint      not null,
    without_library  bigint      not null,
    without_sent_at  bigint      not null,
    clock_off        bigint      not null,   -- by more than a minute
    in_future        bigint      not null,   -- later than they were sent
    primary key (workspace_id, source_id, hour)
) with (fillfactor = 50);
create index source_hour_age on source_hour (hour);

-- Counts by name; how many names a collector counts in an hour is bounded.
create table source_day (
    workspace_id text        not null,
    source_id    text        not null,
    day          timestamptz not null,       -- in UTC
    kind         text        not null,
    name         text        not null,
    detail       text        not null,
    total        bigint      not null,
    first_at     timestamptz not null,
    last_at      timestamptz not null,
    primary key (workspace_id, source_id, day, kind, name, detail)
) with (fillfactor = 50);
create index source_day_age on source_day (day);

create table source_total (
    workspace_id   text        not null,
    source_id      text        not null,
    accepted       bigint      not null,
    refused        bigint      not null,
    first_event_at timestamptz not null,
    last_event_at  timestamptz not null,
    primary key (workspace_id, source_id)
) with (fillfactor = 50);
