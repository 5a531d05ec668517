package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.TestDatabase;
import io.tributary.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class YoungTablesTest {
  private static final long THREE_SECONDS = 3_000_000_000L;

  private final TestDatabase database = TestPostgres.freshDatabase();
  private final AtomicLong nanos = new AtomicLong();
  private final YoungTables tables = new YoungTables(database.dataSource(), "own", nanos::get);

  @BeforeEach
  void create() throws SQLException {
    execute("create schema own");
    execute("create schema other");
    for (String table : new String[] {"own.\"Few rows\"", "own.many", "other.many"}) {
      execute(
          "create table %s (workspace_id text, profile_id uuid, canonical_id uuid,".formatted(table)
              + " primary key (workspace_id, profile_id)) with (autovacuum_enabled = false)");
    }
    execute("create index family on own.many (workspace_id, canonical_id)");
  }

  @Test
  void aTableIsLookedAtOnceItHasSomePages() throws SQLException {
    insert("own.\"Few rows\"", 5);
    insert("own.many", 2_000);
    insert("other.many", 2_000);

    tables.look();

    assertThat(rows("own.many")).isEqualTo(2_000);
    assertThat(rows("own.\"Few rows\"")).as("too few to learn from").isEqualTo(-1);
    assertThat(rows("other.many")).as("of another service").isEqualTo(-1);
  }

  @Test
  void aTableThatHasGrownMuchIsLookedAtAgainButNotAtOnce() throws SQLException {
    insert("own.many", 1_000);
    tables.look();
    insert("own.many", 2_000);
    nanos.addAndGet(THREE_SECONDS);
    tables.look();
    assertThat(rows("own.many")).as("grown a little").isEqualTo(1_000);
    insert("own.many", 9_000);
    nanos.addAndGet(THREE_SECONDS - 1);
    tables.look();
    assertThat(rows("own.many")).as("too soon").isEqualTo(1_000);
    nanos.addAndGet(1);
    tables.look();
    assertThat(rows("own.many")).isEqualTo(12_000);
  }

  /** What it is for: a plan from the first days goes by a whole workspace. */
  @Test
  void aStatementThatWasPlannedBeforeIsPlannedAnewByBothColumns() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set plan_cache_mode = force_generic_plan");
      statement.execute(
          """
          prepare find(text[], uuid[]) as
          select p.profile_id from unnest($1, $2) as k(workspace_id, profile_id)
          join own.many p on p.workspace_id = k.workspace_id and p.profile_id = k.profile_id
          """);
      insert("own.many", 60);
      plan(statement); // made now, by guesses
      insert("own.many", 20_000);

      tables.look();

      assertThat(plan(statement))
          .contains("many_pkey")
          .containsPattern("workspace_id = k.workspace_id\\) AND \\(?profile_id = k.profile_id");
    }
  }

  private static String plan(Statement statement) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (ResultSet row =
        statement.executeQuery("explain execute find(array['ws'], array[gen_random_uuid()])")) {
      while (row.next()) {
        plan.append(row.getString(1)).append('\n');
      }
    }
    return plan.toString();
  }

  private void insert(String table, int count) throws SQLException {
    execute(
        "insert into %s select 'ws', u, u from (select gen_random_uuid() as u from generate_series(1, %d)) as all_of_them"
            .formatted(table, count));
  }

  private long rows(String table) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select reltuples from pg_class where oid = '%s'::regclass".formatted(table))) {
      row.next();
      return row.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
