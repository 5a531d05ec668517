package io.tributary.ingestion.quarantine;

import io.tributary.event.EventType;
import io.tributary.event.MalformedRecordException;
import io.tributary.event.RawJson;
import io.tributary.ingestion.collect.RefusedRecord;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Output;
import io.tributary.stream.Quarantine;
import io.tributary.stream.QuarantineEntry;
import io.tributary.stream.Refusals;
import io.tributary.stream.Stage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes refused events from their topic to quarantine. Idempotent by the place in the topic. The
 * topic lies between so that collection goes on while Postgres is away.
 */
public final class QuarantineStage implements Stage {
  /** Kafka group and name in the table of positions. */
  public static final String CONSUMER = "ingestion-quarantine";

  /** The stage that entries name. */
  public static final String COLLECT = "collect";

  private static final String INSERT =
      """
      insert into ingestion.refused_event
          (partition, position, received_at, on_device, ip, call, sent_at, context, integrations,
           transformed)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (partition, position) do nothing
      """;

  private final Quarantine quarantine = new Quarantine("ingestion");
  private final ControlTotals totals = new ControlTotals("ingestion", CONSUMER);

  /** A stage without outputs. */
  public QuarantineStage() {}

  @Override
  public List<Output> apply(Connection connection, List<InputRecord> records) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (InputRecord record : records) {
        add(connection, insert, record);
      }
      insert.executeBatch();
    }
    totals.add(connection, Map.of("quarantined", (long) records.size()));
    return List.of();
  }

  @Override
  public List<Output> reemit(Connection connection, List<InputRecord> records) {
    return List.of();
  }

  private void add(Connection connection, PreparedStatement insert, InputRecord record)
      throws SQLException {
    RefusedRecord refused;
    try {
      refused = RefusedRecord.decode(record.value());
    } catch (MalformedRecordException e) {
      String reasons = Refusals.reason("malformed_record", String.valueOf(e.getMessage()));
      quarantine.add(connection, QuarantineEntry.of(COLLECT, record, reasons, null));
      return;
    }
    quarantine.add(
        connection,
        new QuarantineEntry(
            refused.workspaceId(),
            refused.sourceId(),
            COLLECT,
            refused.messageId(),
            refused.reasons(),
            refused.original(),
            record.topic(),
            record.partition(),
            record.offset()));
    insert.setInt(1, record.partition());
    insert.setLong(2, record.offset());
    insert.setObject(3, refused.receivedAt().atOffset(ZoneOffset.UTC));
    insert.setBoolean(4, refused.onDevice());
    insert.setString(5, refused.ip());
    insert.setString(6, refused.envelope().type().map(EventType::wire).orElse(null));
    insert.setBytes(7, bytes(refused.envelope().sentAt()));
    insert.setBytes(8, bytes(refused.envelope().context()));
    insert.setBytes(9, bytes(refused.envelope().integrations()));
    insert.setBoolean(10, refused.envelope().transformed());
    insert.addBatch();
  }

  private static byte @Nullable [] bytes(@Nullable RawJson json) {
    return json == null ? null : json.toBytes();
  }
}
