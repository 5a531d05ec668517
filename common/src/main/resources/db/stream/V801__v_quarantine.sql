-- What this service couldn't process, for ingestion-service, which lists all of it in one place.
create view v_quarantine as
select id, workspace_id, source_id, stage, message_id, reasons, original, topic, partition, position, at
from quarantine;
