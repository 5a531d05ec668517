-- Published: what was triggered by which event or crossing, and what came of it.
create view v_trigger as
select workspace_id, delivery_id, campaign_id, profile_id, trigger_key, channel, state, outcome, created_at, finished_at
from delivery;
