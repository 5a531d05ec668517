-- Every message that took effect, by the first 128 bits of the SHA-256 of its id, for 30 days.
create table message (
    workspace_id text        not null,
    hash         uuid        not null,
    partition    int         not null,
    position     bigint      not null,
    profile_id   uuid        not null, -- the home it was given to
    canonical_id uuid        not null, -- the root of the home at that time
    seen_at      timestamptz not null,
    primary key (workspace_id, hash)
) partition by hash (hash);

do $$
begin
    for i in 0..15 loop
        execute format('create table message_%s partition of message for values with (modulus 16, remainder %s)', i, i);
    end loop;
end
$$;
-- Rows come in the order of time, so a few pages of index serve the sweep.
create index message_seen on message using brin (seen_at);

create table duplicate (
    partition       int         not null,
    position        bigint      not null,
    workspace_id    text        not null,
    message_id      text        not null,
    first_partition int         not null,
    first_position  bigint      not null,
    seen_at         timestamptz not null,
    primary key (partition, position)
);
create index duplicate_message on duplicate (workspace_id, message_id);
create index duplicate_seen on duplicate using brin (seen_at);
