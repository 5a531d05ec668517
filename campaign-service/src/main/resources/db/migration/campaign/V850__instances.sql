-- Who sends, and when each was last seen: what an instance that is gone had claimed is given up after a minute, not only
-- when the lease of the claim is over.
create table instance (
    instance text        not null primary key,
    seen_at  timestamptz not null
);
