package io.tributary.ingestion.files;

import io.tributary.event.Json;
import io.tributary.ingestion.admin.Changes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Imports, their files and their refused rows: tables {@code ingestion.file_…}. */
final class ImportStore {
  /** Imports of one workspace that aren't ended. */
  static final int MAX_UNENDED = 20;

  /** Refused rows of one import that are kept; beyond they are counted only. */
  static final int MAX_REFUSALS = 100_000;

  /** How long somebody works on an import without a sign of life before another one may. */
  static final Duration LEASE = Duration.ofSeconds(30);

  private static final String COLUMNS =
      """
      import_id, workspace_id, definition, version, state, problem, parts, bytes, rows_read,
      accepted, refused, bytes_read, preview, epoch, created_at, started_at, finished_at
      """;

  private static final String OF_WORKSPACE =
      "select " + COLUMNS + " from ingestion.file_import where workspace_id = :workspace";
  private static final String ONE = OF_WORKSPACE + " and import_id = :id";

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;

  ImportStore(DataSource dataSource, TransactionTemplate transaction) {
    this.jdbc = JdbcClient.create(dataSource);
    this.transaction = transaction;
  }

  /**
   * A refused row.
   *
   * @param reasons as JSON
   */
  record Refusal(long line, String reasons, String original) {}

  /** How far a worker has come. */
  record Progress(long rows, long accepted, long refused, long bytes) {}

  /** What stands of an import's file. */
  record Parts(int count, int last, long bytes) {}

  /** Adds an import whose file is to come; empty where the workspace has too many. */
  Optional<FileImport> create(
      String id, String workspaceId, ImportDefinition definition, Instant now) {
    return transaction.execute(_ -> {
      Changes.oneAtATime(jdbc, workspaceId);
      long unended =
          jdbc.sql(
                  """
                  select count(*) from ingestion.file_import
                  where workspace_id = :workspace and state not in ('done', 'cancelled')
                  """)
              .param("workspace", workspaceId)
              .query(Long.class)
              .single();
      return unended >= MAX_UNENDED
          ? Optional.<FileImport>empty()
          : jdbc.sql(
                  """
                  insert into ingestion.file_import
                    (import_id, workspace_id, source_id, name, definition, state, created_at, changed_at)
                  values (:id, :workspace, :source, :name, :definition, 'open', :now, :now)
                  returning
                  """
                      + COLUMNS)
              .param("id", id)
              .param("workspace", workspaceId)
              .param("source", definition.source())
              .param("name", definition.name())
              .param("definition", Json.MAPPER.writeValueAsString(definition))
              .param("now", utc(now))
              .query(ImportStore::read)
              .optional();
    });
  }

  List<FileImport> page(String workspaceId, String after, int limit) {
    return jdbc.sql(OF_WORKSPACE + " and import_id > :after order by import_id limit :limit")
        .param("workspace", workspaceId)
        .param("after", after)
        .param("limit", limit)
        .query(ImportStore::read)
        .list();
  }

  Optional<FileImport> find(String workspaceId, String id) {
    return one(ONE, workspaceId, id);
  }

  private Optional<FileImport> one(String query, String workspaceId, String id) {
    return jdbc.sql(query)
        .param("workspace", workspaceId)
        .param("id", id)
        .query(ImportStore::read)
        .optional();
  }

  /**
   * Does something with an import that nobody else changes meanwhile.
   *
   * @return as it is then, or as it was before it was deleted; empty if there's none
   */
  Optional<FileImport> change(String workspaceId, String id, Consumer<FileImport> work) {
    return transaction.execute(_ -> {
      Optional<FileImport> held = one(ONE + " for update", workspaceId, id);
      held.ifPresent(work);
      return find(workspaceId, id).or(() -> held);
    });
  }

  void putPart(String id, int number, byte[] bytes) {
    jdbc.sql(
            """
            insert into ingestion.file_part (import_id, number, bytes)
            values (:id, :number, :bytes)
            on conflict (import_id, number) do update set bytes = excluded.bytes
            """)
        .param("id", id)
        .param("number", number)
        .param("bytes", bytes)
        .update();
  }

  Parts parts(String id) {
    return jdbc.sql(
            """
            select count(*), coalesce(max(number), 0), coalesce(sum(octet_length(bytes)), 0)
            from ingestion.file_part where import_id = :id
            """)
        .param("id", id)
        .query((row, n) -> new Parts(row.getInt(1), row.getInt(2), row.getLong(3)))
        .single();
  }

  /** The bytes of a part; empty behind the last. */
  Optional<byte[]> part(String id, int number) {
    return jdbc.sql(
            "select bytes from ingestion.file_part where import_id = :id and number = :number")
        .param("id", id)
        .param("number", number)
        .query((row, n) -> row.getBytes(1))
        .optional();
  }

  void redefine(FileImport held, ImportDefinition definition, Instant now) {
    jdbc.sql(
            """
            update ingestion.file_import
            set definition = :definition, name = :name, source_id = :source, version = version + 1,
                state = 'open', problem = null, preview = null, changed_at = :now
            where import_id = :id
            """)
        .param("definition", Json.MAPPER.writeValueAsString(definition))
        .param("name", definition.name())
        .param("source", definition.source())
        .param("now", utc(now))
        .param("id", held.id())
        .update();
  }

  /** Has the file read from its beginning, by whoever has time. */
  void begin(FileImport held, ImportState state, Parts parts, Instant now) {
    forgetRefusals(held.id());
    jdbc.sql(
            """
            update ingestion.file_import
            set state = :state, problem = null, parts = :parts, bytes = :bytes, rows_read = 0,
                accepted = 0, refused = 0, bytes_read = 0, worker = null, lease_until = null,
                epoch = epoch + 1, changed_at = :now, started_at = :now, finished_at = null
            where import_id = :id
            """)
        .param("state", state.wire())
        .param("parts", parts.count())
        .param("bytes", parts.bytes())
        .param("now", utc(now))
        .param("id", held.id())
        .update();
  }

  /** Ends it, with its file; whoever works on it notices at their next step. */
  void cancel(String id, Instant now) {
    jdbc.sql(
            """
            update ingestion.file_import
            set state = 'cancelled', worker = null, lease_until = null, epoch = epoch + 1,
                changed_at = :now, finished_at = :now
            where import_id = :id
            """)
        .param("now", utc(now))
        .param("id", id)
        .update();
    forgetFile(id);
  }

  void delete(String id) {
    jdbc.sql("delete from ingestion.file_import where import_id = :id").param("id", id).update();
  }

  /** An import of the same file that ended well, if the source had one. */
  Optional<String> sameFile(FileImport held) {
    return jdbc.sql(
            """
            select o.import_id from ingestion.file_import i
            join ingestion.file_import o
              on o.workspace_id = i.workspace_id and o.source_id = i.source_id and o.digest = i.digest
            where i.import_id = :id and o.import_id <> i.import_id and o.state in ('done', 'running')
            order by o.import_id limit 1
            """)
        .param("id", held.id())
        .query(String.class)
        .optional();
  }

  /** Takes the eldest import that nobody works on, of a workspace that has no other at work. */
  Optional<FileImport> claim(String worker, Instant now) {
    return jdbc.sql(
            """
            update ingestion.file_import
            set worker = :worker, lease_until = :until, epoch = epoch + 1
            where import_id = (
                select import_id from ingestion.file_import i
                where state in ('checking', 'running')
                  and (lease_until is null or lease_until < :now)
                  and not exists (
                    select from ingestion.file_import o
                    where o.workspace_id = i.workspace_id and o.state in ('checking', 'running')
                      and o.lease_until >= :now)
                order by created_at for update skip locked limit 1)
            returning
            """
                + COLUMNS)
        .param("worker", worker)
        .param("until", utc(now.plus(LEASE)))
        .param("now", utc(now))
        .query(ImportStore::read)
        .optional();
  }

  /**
   * Notes how far the worker of this epoch has come, and what it refused on the way.
   *
   * @return false if the import isn't its any more; then nothing is noted
   */
  boolean advance(
      FileImport claimed,
      Progress progress,
      List<Refusal> refusals,
      @Nullable String preview,
      Instant now) {
    return Boolean.TRUE.equals(
        transaction.execute(_ -> {
          int mine =
              jdbc.sql(
                      """
                      update ingestion.file_import
                      set rows_read = :rows, accepted = :accepted, refused = :refused,
                          bytes_read = :bytes, lease_until = :until,
                          preview = coalesce(:preview, preview)
                      where import_id = :id and epoch = :epoch
                      """)
                  .param("rows", progress.rows())
                  .param("accepted", progress.accepted())
                  .param("refused", progress.refused())
                  .param("bytes", progress.bytes())
                  .param("until", utc(now.plus(LEASE)))
                  .param("preview", preview, Types.VARCHAR)
                  .param("id", claimed.id())
                  .param("epoch", claimed.epoch())
                  .update();
          if (mine == 1 && !refusals.isEmpty()) {
            refuse(claimed.id(), refusals);
          }
          return mine == 1;
        }));
  }

  private void refuse(String id, List<Refusal> refusals) {
    jdbc.sql(
            """
            insert into ingestion.file_refusal (import_id, line, reasons, original)
            select :id, line, reasons, original
            from unnest(:lines::bigint[], :reasons::text[], :originals::text[]) as r(line, reasons, original)
            on conflict do nothing
            """)
        .param("id", id)
        .param("lines", refusals.stream().map(Refusal::line).toArray(Long[]::new))
        .param("reasons", refusals.stream().map(Refusal::reasons).toArray(String[]::new))
        .param("originals", refusals.stream().map(Refusal::original).toArray(String[]::new))
        .update();
  }

  /** Says that the worker of this epoch is through; false if the import isn't its any more. */
  boolean finish(
      FileImport claimed,
      ImportState state,
      @Nullable String problem,
      byte @Nullable [] digest,
      Instant now) {
    return Boolean.TRUE.equals(
        transaction.execute(_ -> {
          int mine =
              jdbc.sql(
                      """
                      update ingestion.file_import
                      set state = :state, problem = :problem, digest = coalesce(:digest, digest),
                          worker = null, lease_until = null, epoch = epoch + 1,
                          changed_at = :now, finished_at = :now
                      where import_id = :id and epoch = :epoch
                      """)
                  .param("state", state.wire())
                  .param("problem", problem, Types.VARCHAR)
                  .param("digest", digest, Types.BINARY)
                  .param("now", utc(now))
                  .param("id", claimed.id())
                  .param("epoch", claimed.epoch())
                  .update();
          if (mine == 1 && state == ImportState.DONE) {
            forgetFile(claimed.id());
          }
          return mine == 1;
        }));
  }

  /** Lets another one go on at once. */
  void release(FileImport claimed) {
    jdbc.sql(
            """
            update ingestion.file_import set worker = null, lease_until = null
            where import_id = :id and epoch = :epoch
            """)
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  /** Refused rows behind a line. */
  List<Refusal> refusals(String id, long after, int limit) {
    return jdbc.sql(
            """
            select line, reasons, original from ingestion.file_refusal
            where import_id = :id and line > :after order by line limit :limit
            """)
        .param("id", id)
        .param("after", after)
        .param("limit", limit)
        .query((row, n) -> new Refusal(row.getLong(1), row.getString(2), row.getString(3)))
        .list();
  }

  /** Ends imports that nobody went on with, and deletes what was kept of ended ones. */
  void tidy(Instant unendedBefore, Instant endedBefore, Instant now) {
    transaction.executeWithoutResult(_ ->
        jdbc.sql(
                """
                select import_id from ingestion.file_import
                where state in ('open', 'checked', 'failed') and changed_at < :before
                for update skip locked
                """)
            .param("before", utc(unendedBefore))
            .query(String.class)
            .list()
            .forEach(id -> cancel(id, now)));
    jdbc.sql(
            """
            with old as (
              update ingestion.file_import set preview = null
              where state in ('done', 'cancelled') and changed_at < :before and preview is not null
              returning import_id)
            delete from ingestion.file_refusal r using ingestion.file_import i
            where i.import_id = r.import_id and i.state in ('done', 'cancelled')
              and i.changed_at < :before
            """)
        .param("before", utc(endedBefore))
        .update();
  }

  private void forgetFile(String id) {
    jdbc.sql("delete from ingestion.file_part where import_id = :id").param("id", id).update();
  }

  private void forgetRefusals(String id) {
    jdbc.sql("delete from ingestion.file_refusal where import_id = :id").param("id", id).update();
  }

  private static OffsetDateTime utc(Instant at) {
    return at.atOffset(ZoneOffset.UTC);
  }

  private static FileImport read(ResultSet row, int number) throws SQLException {
    return new FileImport(
        row.getString("import_id"),
        row.getString("workspace_id"),
        row.getString("definition"),
        row.getLong("version"),
        ImportState.parse(row.getString("state")),
        row.getString("problem"),
        row.getInt("parts"),
        row.getLong("bytes"),
        row.getLong("rows_read"),
        row.getLong("accepted"),
        row.getLong("refused"),
        row.getLong("bytes_read"),
        row.getString("preview"),
        row.getLong("epoch"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        instant(row.getObject("started_at", OffsetDateTime.class)),
        instant(row.getObject("finished_at", OffsetDateTime.class)));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime at) {
    return at == null ? null : at.toInstant();
  }
}
