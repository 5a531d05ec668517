package io.tributary.stream;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.apache.kafka.common.header.Headers;

/**
 * The restores that a database has gone through, and where each origin of records went on after
 * them. A record that an earlier life of the database said about what the restored one doesn't know
 * is a ghost: the stage says it again.
 */
final class Lineage {
  /** Of a database that was never restored. */
  static final Lineage FIRST = new Lineage(new TreeMap<>());

  private final NavigableMap<Integer, Map<String, Long>> starts;

  private Lineage(NavigableMap<Integer, Map<String, Long>> starts) {
    this.starts = starts;
  }

  /** As a schema has it. */
  static Lineage read(DataSource dataSource, String schema) throws SQLException {
    String sql =
        """
        select l.lineage, s.origin, s.next_number
        from %1$s.lineage l left join %1$s.lineage_start s on s.lineage = l.lineage
        """
            .formatted(Schemas.checked(schema));
    NavigableMap<Integer, Map<String, Long>> starts = new TreeMap<>();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Map<String, Long> of = starts.computeIfAbsent(row.getInt(1), _ -> new HashMap<>());
        String origin = row.getString(2);
        if (origin != null) {
          of.put(origin, row.getLong(3));
        }
      }
    }
    return starts.isEmpty() ? FIRST : new Lineage(starts);
  }

  /** The number of restores' last; 0 without any. */
  int current() {
    return starts.isEmpty() ? 0 : starts.lastKey();
  }

  /**
   * Up to which number, exclusive, what an origin did in a lineage is known to this database.
   * Nothing is of an origin that came after the backup.
   */
  long knownBelow(int lineage, String origin) {
    long known = Long.MAX_VALUE;
    for (Map<String, Long> start : starts.tailMap(lineage, false).values()) {
      known = Math.min(known, start.getOrDefault(origin, 0L));
    }
    return known;
  }

  /** Whether a record with these headers tells of what this database doesn't know. */
  boolean isGhost(Headers headers) {
    return current() > 0 && Source.of(headers).filter(this::isGhost).isPresent();
  }

  private boolean isGhost(Source source) {
    return source.lineage() < current()
        && source.number() >= knownBelow(source.lineage(), source.origin());
  }
}
