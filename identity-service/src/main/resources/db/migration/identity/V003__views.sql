-- What other services may read.
create view v_identifier as
select workspace_id, type, value, profile_id, valid_from, source_id, first_message_id, created_at
from identifier;

create view v_duplicate as
select workspace_id, message_id, partition, position, first_partition, first_position
from duplicate;

create view v_merge as
select workspace_id, merge_id, absorbed_id, survivor_id, cause, at, split_at
from merge;

create view v_privacy_receipt as
select workspace_id, request_id, done_at
from privacy_receipt;
