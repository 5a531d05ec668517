-- A view over the tables of db/stream.
create view v_control_total as
select consumer, outcome, sum(total)::bigint as total
from control_total
group by consumer, outcome;
