package io.tributary.identity.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Keeps removals from the graph (splits, erasures) apart from the batches that add to it. */
public final class EpochStore {
  /** Holds the epochs of the workspaces until the transaction ends; batches share them. */
  public Map<String, Epoch> share(Connection connection, Set<String> workspaces)
      throws SQLException {
    Map<String, Epoch> found = read(connection, workspaces);
    if (found.size() < workspaces.size()) {
      create(connection, workspaces);
      found = read(connection, workspaces);
    }
    return found;
  }

  /** Waits for the batches at work, keeps others out, and begins a new epoch. */
  void begin(Connection connection, String workspaceId, int newVetoes) throws SQLException {
    String sql =
        """
        insert into identity.workspace_epoch as e (workspace_id, epoch, vetoes) values (?, 1, ?)
        on conflict (workspace_id) do update set epoch = e.epoch + 1, vetoes = e.vetoes + excluded.vetoes
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, workspaceId);
      statement.setInt(2, newVetoes);
      statement.executeUpdate();
    }
  }

  private static Map<String, Epoch> read(Connection connection, Set<String> workspaces)
      throws SQLException {
    String sql =
        """
        select workspace_id, epoch, vetoes from identity.workspace_epoch
        where workspace_id = any (?) order by workspace_id for share
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, workspaces).text(id -> id);
      Map<String, Epoch> epochs = new HashMap<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Epoch epoch = new Epoch(row.getString(1), row.getLong(2), row.getInt(3));
          epochs.put(epoch.workspaceId(), epoch);
        }
      }
      return epochs;
    }
  }

  private static void create(Connection connection, Set<String> workspaces) throws SQLException {
    String sql =
        """
        insert into identity.workspace_epoch (workspace_id) select unnest(?::text[])
        on conflict (workspace_id) do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, new TreeSet<>(workspaces)).text(id -> id);
      statement.executeUpdate();
    }
  }
}
