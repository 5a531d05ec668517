package io.tributary.identity.store;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.Topics;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.ChangeLog.Change;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tells {@code identity.events} of links that no record of its own caused. */
final class LinkLog {
  private final ChangeLog changes;

  LinkLog(ChangeLog changes) {
    this.changes = changes;
  }

  /** Tells it once the transaction is committed. */
  void append(Connection connection, List<ProfileLink> links) throws SQLException {
    Map<Integer, List<Change>> byShard = new TreeMap<>();
    for (ProfileLink link : links) {
      String key = link.key().toString();
      byte[] value = link.encode();
      byShard
          .computeIfAbsent(changes.shardOf(key), _ -> new ArrayList<>(1))
          .add(new Change(link.workspaceId(), Topics.IDENTITY_EVENTS, key, _ -> value));
    }
    for (Map.Entry<Integer, List<Change>> shard : byShard.entrySet()) {
      changes.append(connection, shard.getKey(), shard.getValue());
    }
  }
}
