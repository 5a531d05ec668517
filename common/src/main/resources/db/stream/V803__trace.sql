-- The trace of what brought a change about, where it is followed.
alter table change_log add column trace text;
