-- Published: who crossed which segment's border because of which event.
create view v_crossing as
select workspace_id, segment_id, profile_id, change, at, reason, message_id, shard || '-' || id as change_id
from transition;
