package io.tributary.campaign.feed;

import io.tributary.event.MalformedRecordException;
import io.tributary.stream.ControlTotals;
import io.tributary.stream.InputRecord;
import io.tributary.stream.Quarantine;
import io.tributary.stream.QuarantineEntry;
import io.tributary.stream.Refusals;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** Keeps what can't be read, and counts what became of a batch. */
record Refusing(Quarantine quarantine, ControlTotals totals) {

  void refuse(Connection connection, InputRecord record, MalformedRecordException why)
      throws SQLException {
    String reasons = Refusals.reason("malformed_record", String.valueOf(why.getMessage()));
    quarantine.add(connection, QuarantineEntry.of("campaign", record, reasons, null));
  }

  void count(Connection connection, long applied, long refused) throws SQLException {
    totals.add(connection, Map.of("applied", applied, "quarantined", refused));
  }
}
