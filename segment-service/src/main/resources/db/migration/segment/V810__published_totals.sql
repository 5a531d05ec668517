-- What other services may read of a table that V800 of db/stream makes.
create view v_control_total as
    select consumer, outcome, sum(total)::bigint as total from control_total group by consumer, outcome;
