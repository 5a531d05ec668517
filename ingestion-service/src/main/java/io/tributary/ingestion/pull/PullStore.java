package io.tributary.ingestion.pull;

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
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Pulls: the table {@code ingestion.pull}. */
final class PullStore {
  /** Pulls of one workspace. */
  static final int MAX_PULLS = 20;

  /** How long somebody works on a pull without a sign of life before another one may. */
  static final Duration LEASE = Duration.ofMinutes(2);

  private static final String COLUMNS =
      """
      pull_id, workspace_id, definition, secret, version, generation, enabled, position,
      position_hash, pass_moved, pass_seconds, passed_at, settled, settled_hash, caught_up, next_at,
      lease_until is not null and lease_until > now() as running, epoch, failures, started_at,
      finished_at, turn_accepted, turn_refused, problem, reasons, accepted, refused, created_at,
      updated_at
      """;

  private static final String ONE =
      "select "
          + COLUMNS
          + " from ingestion.pull where workspace_id = :workspace and pull_id = :id";

  /** Nothing of where it is counts any more, if {@code :anew}. */
  private static final String ANEW =
      """
      position = case when :anew then null else position end,
      pass_began_at = case when :anew then null else pass_began_at end,
      pass_moved = pass_moved and not :anew,
      caught_up = caught_up and not :anew,
      passed_at = case when :anew then null else passed_at end,
      marked_at = case when :anew then null else marked_at end,
      settled = case when :anew then null else settled end
      """;

  private final JdbcClient jdbc;
  private final Changes changes;

  PullStore(DataSource dataSource, Changes changes) {
    this.jdbc = JdbcClient.create(dataSource);
    this.changes = changes;
  }

  /**
   * What was done with rows.
   *
   * @param position the cursor's value of the last of them
   * @param hash of the last of them
   * @param accepted new ones that became events
   * @param refused new ones that didn't
   * @param reasons why one could go nowhere, as JSON
   */
  record Progress(
      String position, long hash, long accepted, long refused, @Nullable String reasons) {}

  /** Adds a pull whose first turn is due; empty where the workspace has too many. */
  Optional<Pull> create(
      String id,
      String workspaceId,
      PullDocument written,
      PullDefinition definition,
      String secret,
      Instant now) {
    return changes.named(
        definition.name(),
        () -> {
          Changes.oneAtATime(jdbc, workspaceId);
          long there =
              jdbc.sql("select count(*) from ingestion.pull where workspace_id = :workspace")
                  .param("workspace", workspaceId)
                  .query(Long.class)
                  .single();
          return there >= MAX_PULLS
              ? Optional.<Pull>empty()
              : jdbc.sql(
                      """
                      insert into ingestion.pull
                        (pull_id, workspace_id, source_id, name, definition, secret, enabled, next_at,
                         created_at, updated_at)
                      values (:id, :workspace, :source, :name, :definition, :secret, :enabled, :now, :now, :now)
                      returning
                      """
                          + COLUMNS)
                  .param("id", id)
                  .param("workspace", workspaceId)
                  .param("source", definition.source())
                  .param("name", definition.name())
                  .param("definition", Json.MAPPER.writeValueAsString(written.withoutPassword()))
                  .param("secret", secret)
                  .param("enabled", written.isEnabled())
                  .param("now", utc(now))
                  .query(PullStore::read)
                  .optional();
        });
  }

  List<Pull> page(String workspaceId, String after, int limit) {
    return jdbc.sql(
            "select "
                + COLUMNS
                + """
                 from ingestion.pull where workspace_id = :workspace and pull_id > :after
                order by pull_id limit :limit
                """)
        .param("workspace", workspaceId)
        .param("after", after)
        .param("limit", limit)
        .query(PullStore::read)
        .list();
  }

  Optional<Pull> find(String workspaceId, String id) {
    return one(ONE, workspaceId, id);
  }

  private Optional<Pull> one(String query, String workspaceId, String id) {
    return jdbc.sql(query)
        .param("workspace", workspaceId)
        .param("id", id)
        .query(PullStore::read)
        .optional();
  }

  /**
   * What another definition changes.
   *
   * @param secret sealed; null if the one before counts on
   * @param anew whether it begins at the beginning
   */
  record Change(
      PullDocument written, PullDefinition definition, @Nullable String secret, boolean anew) {}

  /**
   * Puts another definition in the place of one that nobody else changes meanwhile. Whoever works
   * on the pull notices at their next step.
   *
   * @return as it is then; empty if there's none
   */
  Optional<Pull> redefine(
      String workspaceId, String id, String name, Function<Pull, Change> work, Instant now) {
    return changes.named(
        name,
        () ->
            one(ONE + " for update", workspaceId, id)
                .flatMap(held -> {
                  Change change = work.apply(held);
                  jdbc.sql(
                          """
                          update ingestion.pull
                          set definition = :definition, name = :name, source_id = :source,
                              secret = coalesce(:secret, secret), enabled = :enabled,
                              version = version + 1, generation = generation + 1,
                              epoch = epoch + 1, lease_until = null, worker = null, failures = 0, next_at = :now, updated_at = :now,
                              %s
                          where pull_id = :id
                          """
                              .formatted(ANEW))
                      .param(
                          "definition",
                          Json.MAPPER.writeValueAsString(change.written().withoutPassword()))
                      .param("name", change.definition().name())
                      .param("source", change.definition().source())
                      .param("secret", change.secret(), Types.VARCHAR)
                      .param("enabled", change.written().isEnabled())
                      .param("anew", change.anew())
                      .param("now", utc(now))
                      .param("id", id)
                      .update();
                  return find(workspaceId, id);
                }));
  }

  /**
   * Has its next turn begin at once.
   *
   * @param anew at the beginning
   * @return false if there's none, or it rests
   */
  boolean hurry(String workspaceId, String id, boolean anew, Instant now) {
    return jdbc.sql(
                """
                update ingestion.pull
                set next_at = :now, failures = 0,
                    epoch = epoch + case when :anew then 1 else 0 end,
                    lease_until = case when :anew then null else lease_until end,
                    generation = generation + case when :anew then 1 else 0 end,
                    %s
                where workspace_id = :workspace and pull_id = :id and enabled
                """
                    .formatted(ANEW))
            .param("now", utc(now))
            .param("anew", anew)
            .param("workspace", workspaceId)
            .param("id", id)
            .update()
        == 1;
  }

  /** Deletes it; false if there's none. */
  boolean delete(String workspaceId, String id) {
    return jdbc.sql("delete from ingestion.pull where workspace_id = :workspace and pull_id = :id")
            .param("workspace", workspaceId)
            .param("id", id)
            .update()
        == 1;
  }

  /** Takes the pull that has been due for longest, of a workspace that has no other at work. */
  Optional<Pull> claim(String worker, Instant now) {
    return jdbc.sql(
            """
            update ingestion.pull
            set worker = :worker, lease_until = :until, epoch = epoch + 1, started_at = :now,
                finished_at = null, turn_accepted = 0, turn_refused = 0, reasons = null,
                pass_began_at = coalesce(pass_began_at, :now)
            where pull_id = (
                select pull_id from ingestion.pull p
                where enabled and next_at <= :now and (lease_until is null or lease_until < :now)
                  and not exists (
                    select from ingestion.pull o
                    where o.workspace_id = p.workspace_id and o.lease_until >= :now)
                order by next_at for update skip locked limit 1)
            returning
            """
                + COLUMNS)
        .param("worker", worker)
        .param("until", utc(now.plus(LEASE)))
        .param("now", utc(now))
        .query(PullStore::read)
        .optional();
  }

  /** Says that the worker of this epoch is alive; false if the pull isn't its any more. */
  boolean renew(Pull claimed, Instant now) {
    return jdbc.sql(
                """
                update ingestion.pull set lease_until = :until
                where pull_id = :id and epoch = :epoch
                """)
            .param("until", utc(now.plus(LEASE)))
            .param("id", claimed.id())
            .param("epoch", claimed.epoch())
            .update()
        == 1;
  }

  /** Notes how far the worker of this epoch has come; false if the pull isn't its any more. */
  boolean advance(Pull claimed, Progress progress, Instant now) {
    return jdbc.sql(
                """
                update ingestion.pull
                set position = :position, position_hash = :hash, pass_moved = true, lease_until = :until,
                    turn_accepted = turn_accepted + :accepted, turn_refused = turn_refused + :refused,
                    accepted = accepted + :accepted, refused = refused + :refused,
                    reasons = coalesce(:reasons, reasons)
                where pull_id = :id and epoch = :epoch
                """)
            .param("position", progress.position())
            .param("hash", progress.hash())
            .param("until", utc(now.plus(LEASE)))
            .param("accepted", progress.accepted())
            .param("refused", progress.refused())
            .param("reasons", progress.reasons(), Types.VARCHAR)
            .param("id", claimed.id())
            .param("epoch", claimed.epoch())
            .update()
        == 1;
  }

  /** Ends the pass of this epoch: all that was there is read. */
  void finish(Pull claimed, Duration every, Instant now) {
    jdbc.sql(
            """
            update ingestion.pull
            set worker = null, lease_until = null, epoch = epoch + 1, finished_at = :now,
                next_at = case when next_at > started_at then next_at else :next end,
                problem = null, failures = 0, caught_up = true, pass_moved = false, pass_began_at = null,
                pass_seconds = ceil(extract(epoch from cast(:now as timestamptz) - pass_began_at)),
                passed_at = :now,
                settled = case when marked_at < :settled then mark else settled end,
                settled_hash = case when marked_at < :settled then mark_hash else settled_hash end,
                mark = case when coalesce(marked_at < :settled, true) then position else mark end,
                mark_hash = case when coalesce(marked_at < :settled, true) then position_hash else mark_hash end,
                marked_at = case when coalesce(marked_at < :settled, true) then :now else marked_at end
            where pull_id = :id and epoch = :epoch
            """)
        .param("now", utc(now))
        .param("next", utc(now.plus(every)))
        .param("settled", utc(now.minus(Start.SETTLED)))
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  /** Ends the turn of this epoch, which couldn't go on; the pass does, later. */
  void fail(Pull claimed, String problem, Instant nextAt, Instant now) {
    jdbc.sql(
            """
            update ingestion.pull
            set worker = null, lease_until = null, epoch = epoch + 1, finished_at = :now,
                next_at = case when next_at > started_at then next_at else :next end,
                problem = :problem, failures = failures + 1
            where pull_id = :id and epoch = :epoch
            """)
        .param("now", utc(now))
        .param("next", utc(nextAt))
        .param("problem", problem)
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  /** Lets others have their turn; the pass goes on behind those that are due before. */
  void giveWay(Pull claimed, Instant now) {
    jdbc.sql(
            """
            update ingestion.pull
            set worker = null, lease_until = null, epoch = epoch + 1, finished_at = :now, next_at = :now,
                problem = null, failures = 0
            where pull_id = :id and epoch = :epoch
            """)
        .param("now", utc(now))
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  /** Lets another one go on at once. */
  void release(Pull claimed) {
    jdbc.sql(
            """
            update ingestion.pull set worker = null, lease_until = null
            where pull_id = :id and epoch = :epoch
            """)
        .param("id", claimed.id())
        .param("epoch", claimed.epoch())
        .update();
  }

  private static Pull read(ResultSet row, int number) throws SQLException {
    return new Pull(
        row.getString("pull_id"),
        row.getString("workspace_id"),
        row.getString("definition"),
        row.getString("secret"),
        row.getLong("version"),
        row.getLong("generation"),
        row.getBoolean("enabled"),
        row.getString("position"),
        row.getLong("position_hash"),
        row.getBoolean("pass_moved"),
        row.getInt("pass_seconds"),
        instant(row, "passed_at"),
        floor(row),
        row.getBoolean("caught_up"),
        row.getObject("next_at", OffsetDateTime.class).toInstant(),
        row.getBoolean("running"),
        row.getLong("epoch"),
        row.getInt("failures"),
        new Pull.Turn(
            instant(row, "started_at"),
            instant(row, "finished_at"),
            row.getLong("turn_accepted"),
            row.getLong("turn_refused"),
            row.getString("problem"),
            row.getString("reasons")),
        row.getLong("accepted"),
        row.getLong("refused"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  private static Start.@Nullable Behind floor(ResultSet row) throws SQLException {
    String settled = row.getString("settled");
    return settled == null ? null : new Start.Behind(settled, row.getLong("settled_hash"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
