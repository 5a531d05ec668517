-- An entry can also be left for good.
alter table replay drop constraint replay_state_check;
alter table replay add constraint replay_state_check check (state in ('started', 'done', 'dismissed'));

-- Published: which entries of the quarantines nobody will put back.
create view v_dismissed as
select quarantine_id, workspace_id from replay where state = 'dismissed';
