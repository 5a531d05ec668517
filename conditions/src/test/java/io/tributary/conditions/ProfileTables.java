package io.tributary.conditions;

import io.tributary.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The published views that compiled conditions read, over plain tables. */
final class ProfileTables implements AutoCloseable {

  private final Connection connection;

  ProfileTables() throws SQLException {
    connection = TestPostgres.freshDatabase().dataSource().getConnection();
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create schema profile;
          create schema segment;
          set timezone = 'Asia/Kathmandu';
          create table profile.v_profile (workspace_id text, profile_id uuid, is_root boolean, traits jsonb, homes uuid[]);
          create table profile.v_event (workspace_id text, profile_id uuid, at timestamptz, type text, name text, payload jsonb);
          create table segment.v_membership (workspace_id text, segment_id text, profile_id uuid);
          create index on profile.v_event (profile_id, at);
          """);
    }
    connection.setAutoCommit(false);
  }

  /** Writes the people, each absorbed home as a row of its own that must never be found. */
  void add(String workspaceId, List<Person> people) throws SQLException {
    for (Person person : people) {
      addProfile(workspaceId, person);
      addEvents(workspaceId, person);
      try (PreparedStatement insert =
          connection.prepareStatement("insert into segment.v_membership values (?, ?, ?)")) {
        for (String segment : person.segments()) {
          set(insert, List.of(workspaceId, segment, person.id()));
          insert.addBatch();
        }
        insert.executeBatch();
      }
    }
    connection.commit();
  }

  private void addProfile(String workspaceId, Person person) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into profile.v_profile values (?, ?, ?, ?::jsonb, ?::uuid[])")) {
      for (UUID home : person.homes()) {
        boolean root = home.equals(person.id());
        String[] homes =
            root
                ? person.homes().stream().map(UUID::toString).toArray(String[]::new)
                : new String[0];
        set(insert, List.of(workspaceId, home, root, person.traits().toString(), homes));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private void addEvents(String workspaceId, Person person) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into profile.v_event values (?, ?, ?, ?, nullif(?, ''), ?::jsonb)")) {
      for (Person.Happening each : person.history()) {
        String name = each.name() == null ? "" : each.name();
        set(
            insert,
            List.of(
                workspaceId,
                each.home(),
                Values.instant(each.at()).atOffset(ZoneOffset.UTC),
                each.type().wireName(),
                name,
                each.payload().toString()));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** The ids that the statement selects; refuses one that comes twice. */
  Set<UUID> ids(Sql sql) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    try (PreparedStatement select = connection.prepareStatement(sql.text())) {
      set(select, sql.binds());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          if (!ids.add(rows.getObject(1, UUID.class))) {
            throw new AssertionError("an id came twice");
          }
        }
      }
    }
    return ids;
  }

  /** The number that the statement selects. */
  long number(Sql sql) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql.text())) {
      set(select, sql.binds());
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private static void set(PreparedStatement statement, List<Object> binds) throws SQLException {
    for (int i = 0; i < binds.size(); i++) {
      statement.setObject(i + 1, binds.get(i));
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
