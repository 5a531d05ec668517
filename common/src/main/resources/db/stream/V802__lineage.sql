-- What a restore from a backup leaves for those who read the log: each restore begins a lineage, and for every origin of
-- records (a stage's partition, a change log's shard) the number at which it goes on. Every schema holds all of them.

create table lineage (
    lineage   int         not null primary key,
    name      text        not null unique,   -- of the restore
    log_lost  boolean     not null,          -- Kafka came from the backup, too
    replay_to text        not null,          -- position token: what was accepted before the restore
    began_at  timestamptz not null
);

create table lineage_start (
    lineage     int    not null references lineage,
    origin      text   not null,
    next_number bigint not null,
    primary key (lineage, origin)
);

create view v_lineage as
select lineage, name, log_lost, replay_to, began_at from lineage;
