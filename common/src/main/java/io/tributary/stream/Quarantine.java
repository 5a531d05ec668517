package io.tributary.stream;

import io.tributary.event.Ids;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;

/**
 * Where a service keeps what it can't process. Writing the same place of a topic again changes
 * nothing.
 */
public final class Quarantine {
  private final String insert;

  /** The quarantine of the service that owns {@code schema}. */
  public Quarantine(String schema) {
    this.insert =
        """
        insert into %s.quarantine
            (id, workspace_id, source_id, stage, message_id, reasons, original, topic, partition, position)
        values (?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?)
        on conflict (topic, partition, position) where topic is not null do nothing
        """
            .formatted(Schemas.checked(schema));
  }

  /** Adds one entry within the transaction of {@code connection}. */
  public void add(Connection connection, QuarantineEntry entry) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setString(1, Ids.create("qrn"));
      statement.setString(2, entry.workspaceId());
      statement.setString(3, entry.sourceId());
      statement.setString(4, entry.stage());
      statement.setString(5, entry.messageId());
      statement.setString(6, entry.reasons());
      statement.setBytes(7, entry.original());
      if (entry.topic() == null) {
        statement.setNull(8, Types.VARCHAR);
      } else {
        statement.setString(8, entry.topic());
      }
      statement.setInt(9, entry.partition());
      statement.setLong(10, entry.position());
      statement.executeUpdate();
    }
  }
}
