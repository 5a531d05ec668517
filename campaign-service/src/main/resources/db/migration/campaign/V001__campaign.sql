-- What people configure. Parts that only code looks into are jsonb.
create table campaign (
    campaign_id      text        not null primary key,
    workspace_id     text        not null,
    name             text        not null,
    trigger_type     text        not null check (trigger_type in ('segment_entered', 'event', 'once')),
    segment_id       text,                                -- of the triggers that have one
    trigger          jsonb       not null,
    channel_type     text        not null check (channel_type in ('email', 'webhook')),
    channel          jsonb       not null,
    secret           text,                                -- signs webhooks; sealed, and in no view
    consent_category text,
    state            text        not null check (state in ('draft', 'active', 'paused', 'stopped', 'finished')),
    state_reason     text,
    version          bigint      not null,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    activated_at     timestamptz,                         -- what happened before starts nothing
    deleted_at       timestamptz,
    check ((trigger_type = 'event') = (segment_id is null)),
    check ((state = 'draft') = (activated_at is null))
);
create index campaign_page on campaign (workspace_id, campaign_id) where deleted_at is null;
create index campaign_live on campaign (workspace_id, trigger_type) where state in ('active', 'paused');

-- The enrollment of a campaign that is sent once; the cursor makes it resumable.
create table run (
    run_id       text        not null primary key,
    workspace_id text        not null,
    campaign_id  text        not null unique references campaign,
    segment_id   text        not null,
    last_profile uuid,
    enrolled     bigint      not null default 0,
    done         boolean     not null default false,
    started_at   timestamptz not null,
    done_at      timestamptz
);
create index run_open on run (run_id) where not done;

-- One row per trigger: unique (workspace, campaign, trigger key) is what makes a send happen once.
create table delivery (
    delivery_id     text        not null,
    workspace_id    text        not null,
    campaign_id     text        not null references campaign,
    run_id          text,
    profile_id      uuid        not null,                 -- as the trigger named it
    canonical_id    uuid,                                 -- whom it was claimed for
    trigger_key     text        not null,
    event           jsonb,                                -- the event that triggered it, for the template
    channel         text        not null,
    state           text        not null check
        (state in ('pending', 'claimed', 'sent', 'bounced', 'failed', 'uncertain', 'skipped')),
    outcome         text,
    detail          text,
    address         text,
    address_hash    bytea,
    subject         text,
    message_id      text,
    attempts        int         not null default 0,
    created_at      timestamptz not null,
    due_at          timestamptz not null,
    claimed_at      timestamptz,
    claimed_by      text,
    claim_token     uuid,
    finished_at     timestamptz,
    opened_at       timestamptz,
    clicked_at      timestamptz,
    unsubscribed_at timestamptz,
    primary key (workspace_id, delivery_id),
    unique (workspace_id, campaign_id, trigger_key)
) with (fillfactor = 80);
create index delivery_due on delivery (campaign_id, due_at, delivery_id) where state = 'pending';
create index delivery_claimed on delivery (claimed_at) where state = 'claimed';
create index delivery_page on delivery (workspace_id, campaign_id, delivery_id);
create index delivery_profile on delivery (workspace_id, profile_id);
create index delivery_canonical on delivery (workspace_id, canonical_id) where canonical_id is not null;
create index delivery_run on delivery (run_id, canonical_id) where run_id is not null;

-- Addresses that get nothing more. The hash is what is checked; the address goes with its person.
create table suppression (
    suppression_id text        not null,
    workspace_id   text        not null,
    channel        text        not null,
    address_hash   bytea       not null,
    address        text,
    reason         text        not null,
    created_at     timestamptz not null,
    primary key (workspace_id, suppression_id),
    unique (workspace_id, channel, address_hash)
);

-- What still has to go back through the front door.
create table outbound_event (
    outbound_id   bigint generated always as identity primary key,
    workspace_id  text        not null,
    message_id    text        not null,
    delivery_id   text        not null,
    profile_id    uuid        not null,
    event         text        not null,
    properties    jsonb       not null,
    at            timestamptz not null,
    attempts      int         not null default 0,
    next_at       timestamptz not null,
    refused       text,                                   -- why the collector will never take it
    unique (workspace_id, message_id)
);
create index outbound_event_due on outbound_event (next_at) where refused is null;

create table privacy_receipt (
    workspace_id text        not null,
    request_id   text        not null,
    done_at      timestamptz not null,
    primary key (workspace_id, request_id)
);

-- Signs the tokens in links and hashes addresses; made at the first start; sealed.
create table signing_key (
    only_one boolean not null primary key default true check (only_one),
    sealed   text    not null
);

create view v_delivery as
select workspace_id, delivery_id, campaign_id, coalesce(canonical_id, profile_id) as profile_id, channel, state, outcome,
       detail, address, subject, message_id, attempts, created_at, due_at, claimed_at, finished_at, opened_at, clicked_at,
       unsubscribed_at
from delivery;

create view v_suppression as
select workspace_id, channel, address_hash, address, reason, created_at from suppression;

create view v_privacy_receipt as
select workspace_id, request_id, done_at from privacy_receipt;
