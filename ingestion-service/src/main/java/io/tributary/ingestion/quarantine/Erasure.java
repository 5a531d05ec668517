package io.tributary.ingestion.quarantine;

import io.tributary.ingestion.destination.Undelivered;
import io.tributary.ingestion.repeat.Repeater;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes refused events that name an erased person, and leaves a receipt for each request. The
 * names come from identity-service, as long as it still has them. Done once per request: by the
 * receipt, in the same transaction.
 */
public final class Erasure implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Erasure.class);
  private static final Duration EVERY = Duration.ofMillis(500);

  private static final String OPEN =
      """
      select r.workspace_id, r.request_id, array_agg(distinct r.profile_id) as homes
      from profile.v_privacy_request r
      where r.kind = 'erase' and not exists
          (select from ingestion.privacy_receipt p
           where p.workspace_id = r.workspace_id and p.request_id = r.request_id)
      group by r.workspace_id, r.request_id
      order by r.request_id
      limit 20
      """;

  // Short values count only as a whole JSON text: 42 would be found in every second event. Upper
  // and
  // lower case don't matter, since identifiers are kept normalized.
  private static final String FORGET =
      """
      with named as (
        select lower(encode(convert_to(
                 case when length(i.value) < 6 then to_json(i.value)::text
                      else trim(both '"' from to_json(i.value)::text) end, 'UTF8'), 'escape')) as text
        from identity.v_identifier i
        where i.workspace_id = :workspace and i.profile_id = any(:homes)
      ), gone as (
        delete from ingestion.quarantine q
        where q.workspace_id = :workspace and exists (
          select from named n where position(n.text in lower(encode(q.original, 'escape'))) > 0)
        returning q.topic, q.partition, q.position
      ), rows as (
        delete from ingestion.file_refusal r using ingestion.file_import i
        where i.import_id = r.import_id and i.workspace_id = :workspace and exists (
          select from named n
          where position(n.text in lower(encode(convert_to(r.original, 'UTF8'), 'escape'))) > 0)
        returning r.import_id
      ), shown as (
        update ingestion.file_import i set preview = null
        where i.workspace_id = :workspace and i.preview is not null and exists (
          select from named n
          where position(n.text in lower(encode(convert_to(i.preview, 'UTF8'), 'escape'))) > 0)
        returning i.import_id
      )
      delete from ingestion.refused_event f using gone g
      where g.topic = 'ingestion.rejected' and f.partition = g.partition and f.position = g.position
      """;

  private final JdbcClient jdbc;
  private final TransactionTemplate transactions;
  private final Repeater repeater =
      new Repeater("ingestion-erasure", new Repeater.Task(EVERY, this::run));

  private record Request(String workspaceId, String requestId, UUID[] homes) {}

  /** Looks for requests twice a second once it's started. */
  public Erasure(DataSource dataSource, TransactionTemplate transactions) {
    this.jdbc = JdbcClient.create(dataSource);
    this.transactions = transactions;
  }

  @Override
  public void start() {
    repeater.start();
  }

  @Override
  public void stop() {
    repeater.stop();
  }

  @Override
  public boolean isRunning() {
    return repeater.isRunning();
  }

  private void run() {
    try {
      if (exists("profile.v_privacy_request")) {
        open().forEach(request -> transactions.executeWithoutResult(status -> erase(request)));
      }
    } catch (DataAccessException | TransactionException e) {
      // Tried again in a moment: a receipt is only there once all is gone.
      LOG.warn("erasure outcome=failed cause={}", e.getClass().getSimpleName());
    }
  }

  private List<Request> open() {
    return jdbc.sql(OPEN)
        .query((row, n) ->
            new Request(
                row.getString("workspace_id"),
                row.getString("request_id"),
                (UUID[]) row.getArray("homes").getArray()))
        .list();
  }

  private void erase(Request request) {
    Undelivered.forget(jdbc, request.workspaceId, request.homes);
    int gone = 0;
    if (exists("identity.v_identifier")) {
      gone =
          jdbc.sql(FORGET)
              .param("workspace", request.workspaceId)
              .param("homes", request.homes)
              .update();
    }
    jdbc.sql(
            """
            insert into ingestion.privacy_receipt (workspace_id, request_id)
            values (:workspace, :request) on conflict do nothing
            """)
        .param("workspace", request.workspaceId)
        .param("request", request.requestId)
        .update();
    LOG.info("erasure request={} removed={}", request.requestId, gone);
  }

  private boolean exists(String view) {
    return jdbc.sql("select to_regclass(:view) is not null")
        .param("view", view)
        .query(Boolean.class)
        .single();
  }
}
