-- Published: which entries of the quarantines went back into the stream.
create view v_replay as
select quarantine_id, workspace_id, done_at from replay where state = 'done';
