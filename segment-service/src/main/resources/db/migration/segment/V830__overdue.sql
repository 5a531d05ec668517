-- What has yet to be said about the past: due times that were not acted upon, crossings that were not yet appended.
create view v_unsaid as
select (select min(due_at) from membership where due_at is not null) as earliest_due,
       (select min(at) from change_log) as oldest_unappended,
       now() as at;
