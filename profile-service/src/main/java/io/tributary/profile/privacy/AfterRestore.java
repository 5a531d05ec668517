package io.tributary.profile.privacy;

import io.tributary.event.Topics;
import io.tributary.profile.store.RestoreStore;
import io.tributary.profile.store.RestoreStore.Row;
import io.tributary.stream.KafkaClients;
import io.tributary.stream.PositionToken;
import io.tributary.stream.Progress;
import io.tributary.stream.WholeTopic;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out again, after a restore of the database, what people asked for after the backup: each
 * request once all that was accepted before it has been applied again, so that it meets what it met
 * before.
 */
public final class AfterRestore {
  private static final Logger log = LoggerFactory.getLogger(AfterRestore.class);
  private final DataSource dataSource;
  private final RestoreStore store;
  private final PrivacyRequests requests;
  private final KafkaClients clients;
  private final Clock clock;
  private boolean done;

  /** Reads the topic with these clients. */
  public AfterRestore(
      DataSource dataSource,
      RestoreStore store,
      PrivacyRequests requests,
      KafkaClients clients,
      Clock clock) {
    this.dataSource = dataSource;
    this.store = store;
    this.requests = requests;
    this.clients = clients;
    this.clock = clock;
  }

  /** Does what can be done by now. */
  void work() throws SQLException {
    if (done) {
      return;
    }
    takeOver();
    List<Row> open;
    try (Connection connection = dataSource.getConnection()) {
      open = store.open(connection);
    }
    Progress progress = Progress.upTo(clients, "profile");
    for (Row row : open) {
      PositionToken before = PositionToken.parse(row.position()).orElseThrow();
      if (!progress.passed(before)) {
        return; // in their order, and the next ones are later
      }
      requests.again(row);
      log.info("privacy request={} kind={} outcome=again", row.requestId(), row.kind());
    }
    done = open.isEmpty();
  }

  private void takeOver() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      OptionalInt lineage = store.unread(connection);
      if (lineage.isEmpty()) {
        return;
      }
      List<Row> rows = new ArrayList<>();
      WholeTopic.read(
          clients,
          Topics.PRIVACY_REQUESTS,
          record -> rows.add(row(PrivacyLog.Entry.decode(record.value()))));
      connection.setAutoCommit(false);
      if (store.hold(connection) && store.unread(connection).isPresent()) {
        for (Row row : rows) {
          store.keep(connection, row);
        }
        store.read(connection, lineage.getAsInt(), clock.instant());
      }
      connection.commit();
    }
  }

  private static Row row(PrivacyLog.Entry entry) {
    return new Row(
        entry.workspaceId(),
        entry.requestId(),
        entry.kind().wire(),
        entry.profileId(),
        entry.homes(),
        entry.salt(),
        entry.names(),
        entry.tokenId(),
        entry.at(),
        entry.position().format());
  }
}
