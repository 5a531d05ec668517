package io.tributary.segment.admin;

import io.tributary.conditions.CompiledCondition;
import io.tributary.conditions.Condition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.ConditionPrinter;
import io.tributary.conditions.Parsed;
import io.tributary.conditions.SegmentOrder;
import io.tributary.event.Ids;
import io.tributary.segment.store.Stores;
import io.tributary.web.IfMatch;
import io.tributary.web.Problem;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Changes definitions, one transaction each. It holds the workspace's definitions alone, so that
 * once it is committed every batch of every process collects what the new condition counts, and
 * only then does the backfill read the history.
 */
public final class SegmentAdmin {
  private static final Logger log = LoggerFactory.getLogger(SegmentAdmin.class);
  private static final int MAX_SEGMENTS = 1_000;

  private final Segments segments;
  private final Stores stores;
  private final JdbcTemplate jdbc;
  private final TransactionTemplate transaction;
  private final Clock clock;
  private final Runnable begun;

  SegmentAdmin(
      Segments segments,
      Stores stores,
      JdbcTemplate jdbc,
      TransactionTemplate transaction,
      Clock clock,
      Runnable begun) {
    this.segments = segments;
    this.stores = stores;
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.clock = clock;
    this.begun = begun;
  }

  /** A definition as somebody wants it, checked by itself. */
  public record Wanted(String name, String description, Condition condition) {
    String json() {
      return ConditionPrinter.json(condition);
    }
  }

  /** Creates a segment and begins to build it; answers its id. */
  public String create(String workspaceId, Wanted wanted) {
    String id = Ids.create("seg");
    alone(
        workspaceId,
        connection -> {
          Map<String, Set<String>> references = references(connection, workspaceId);
          if (references.size() >= MAX_SEGMENTS) {
            throw Problem.conflict(
                "too_many_segments",
                "A workspace has at most " + MAX_SEGMENTS + " segments; delete one first.");
          }
          requireReferences(references, id, wanted.condition());
          segments.saveAndFlush(new Segment(id, workspaceId, wanted, now()));
          begin(connection, workspaceId, id, 1);
          return true;
        });
    log.info("segment action=create workspace={} segment={}", workspaceId, id);
    begun.run();
    return id;
  }

  /** Replaces a definition; another condition is built anew, and the difference told once. */
  public void change(String workspaceId, String id, IfMatch ifMatch, Wanted wanted) {
    boolean redefined =
        alone(
            workspaceId,
            connection -> {
              Segment segment = find(workspaceId, id, ifMatch);
              segment.rename(wanted, now());
              boolean isOther = !condition(segment).equals(wanted.condition());
              boolean again = isOther || stores.builds().hasFailed(connection, workspaceId, id);
              if (isOther) {
                requireReferences(references(connection, workspaceId), id, wanted.condition());
              }
              if (again) {
                segment.redefine(wanted.json());
              }
              segments.saveAndFlush(segment);
              if (again) {
                begin(connection, workspaceId, id, segment.version());
              }
              return again;
            });
    log.info(
        "segment action=change workspace={} segment={} redefined={}", workspaceId, id, redefined);
    begun.run();
  }

  /** Deletes a segment that no other one looks at; its members leave. */
  public void delete(String workspaceId, String id, IfMatch ifMatch) {
    alone(
        workspaceId,
        connection -> {
          Segment segment = find(workspaceId, id, ifMatch);
          List<String> users =
              references(connection, workspaceId).entrySet().stream()
                  .filter(entry -> entry.getValue().contains(id))
                  .map(Map.Entry::getKey)
                  .sorted()
                  .toList();
          if (!users.isEmpty()) {
            throw Problem.conflict(
                "segment_in_use",
                "Other segments refer to this one: "
                    + String.join(", ", users)
                    + ". Change or delete them first.");
          }
          segment.delete(now());
          segments.saveAndFlush(segment);
          stores.builds().beginDeletion(connection, workspaceId, id, now());
          stores.definitions().changed(connection, workspaceId);
          return true;
        });
    log.info("segment action=delete workspace={} segment={}", workspaceId, id);
    begun.run();
  }

  /** Ends the request unless all segments that the condition looks at exist. */
  public void requireReferences(String workspaceId, Condition condition) {
    alone(
        workspaceId,
        connection -> {
          requireReferences(references(connection, workspaceId), "", condition);
          return true;
        });
  }

  private static void requireReferences(
      Map<String, Set<String>> known, String id, Condition condition) {
    Set<String> wanted = CompiledCondition.of(condition).segmentIds();
    List<Problem.Fault> unknown =
        wanted.stream()
            .filter(other -> !known.containsKey(other) && !other.equals(id))
            .map(other ->
                new Problem.Fault(
                    "condition",
                    "unknown_segment",
                    "refers to " + other + ", which isn't a segment of this workspace"))
            .toList();
    if (!unknown.isEmpty()) {
      throw Problem.invalid(unknown);
    }
    Map<String, Set<String>> all = new HashMap<>(known);
    Set<String> own = new TreeSet<>(known.getOrDefault(id, Set.of()));
    own.addAll(wanted);
    all.put(id, own);
    SegmentOrder.findCycle(all)
        .ifPresent(path -> {
          throw Problem.invalid(
              "condition",
              "segment_cycle",
              "makes segments refer to each other in a circle: " + String.join(" → ", path));
        });
  }

  private void begin(Connection connection, String workspaceId, String id, long version)
      throws SQLException {
    stores.builds().begin(connection, workspaceId, id, version, now());
    stores.definitions().changed(connection, workspaceId);
  }

  private Map<String, Set<String>> references(Connection connection, String workspaceId)
      throws SQLException {
    return stores.definitions().references(connection, workspaceId);
  }

  private Segment find(String workspaceId, String id, IfMatch ifMatch) {
    Segment segment =
        segments
            .find(workspaceId, id)
            .orElseThrow(
                () -> Problem.notFound("There is no segment " + id + " in this workspace."));
    ifMatch.require(segment.rowVersion());
    return segment;
  }

  private static Condition condition(Segment segment) {
    return switch (ConditionParser.parse(segment.condition().getBytes(StandardCharsets.UTF_8))) {
      case Parsed.Valid(var condition) -> condition;
      case Parsed.Invalid(var problems) ->
          throw new IllegalStateException(
              "the stored condition of " + segment.getId() + " can't be read: " + problems);
    };
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** Runs in a transaction that has the workspace's definitions to itself. */
  private <T> T alone(String workspaceId, ConnectionCallback<T> work) {
    return Objects.requireNonNull(
        transaction.execute(_ ->
            jdbc.execute(
                (ConnectionCallback<T>)
                    connection -> {
                      stores.definitions().holdAlone(connection, workspaceId);
                      return work.doInConnection(connection);
                    })));
  }
}
