package io.tributary.segment.web;

import io.tributary.conditions.Condition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.Parsed;
import io.tributary.segment.store.SegmentReader;
import io.tributary.segment.store.Transactions;
import io.tributary.web.Problem;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Reads segments for the endpoints. */
final class SegmentViews {
  static final Duration LIMIT = Duration.ofSeconds(10);

  private final Transactions transactions;
  private final SegmentReader reader;
  private final Clock clock;

  SegmentViews(Transactions transactions, SegmentReader reader, Clock clock) {
    this.transactions = transactions;
    this.reader = reader;
    this.clock = clock;
  }

  /** Runs a read; one that takes too long ends the request with a problem that says so. */
  <T> T read(Transactions.Work<T> work) throws SQLException {
    try {
      return transactions.read(LIMIT, work);
    } catch (SQLException e) {
      if ("57014".equals(e.getSQLState())) {
        throw Problem.of(
            422,
            "too_slow",
            "This takes longer than " + LIMIT.toSeconds() + " seconds and was ended. Narrow it.");
      }
      throw e;
    }
  }

  SegmentAnswer read(String workspaceId, String id) throws SQLException {
    return read(connection -> {
      SegmentReader.Segment segment = require(connection, workspaceId, id);
      Map<String, Long> counts = reader.counts(connection, workspaceId, List.of(id));
      return SegmentAnswer.from(segment, counts.getOrDefault(id, 0L), clock.instant());
    });
  }

  List<SegmentAnswer> page(String workspaceId, String after, int limit) throws SQLException {
    return read(connection -> {
      List<SegmentReader.Segment> rows = reader.page(connection, workspaceId, after, limit);
      Map<String, Long> counts =
          reader.counts(
              connection, workspaceId, rows.stream().map(SegmentReader.Segment::id).toList());
      return rows.stream()
          .map(row -> SegmentAnswer.from(row, counts.getOrDefault(row.id(), 0L), clock.instant()))
          .toList();
    });
  }

  /** The segment, or 404. */
  SegmentReader.Segment require(Connection connection, String workspaceId, String id)
      throws SQLException {
    return reader
        .find(connection, workspaceId, id)
        .orElseThrow(() -> Problem.notFound("There is no segment " + id + " in this workspace."));
  }

  SegmentReader reader() {
    return reader;
  }

  static Condition condition(SegmentReader.Segment segment) {
    return switch (ConditionParser.parse(segment.condition().getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(var condition) -> condition;
      case Parsed.Invalid(var problems) ->
          throw new IllegalStateException(
              "the stored condition of " + segment.id() + " can't be read: " + problems);
    };
  }
}
