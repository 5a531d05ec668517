package io.tributary.profile.store;

import io.tributary.event.CollectedEvent;
import io.tributary.event.ProfileId;
import io.tributary.profile.merge.EventFacts.IgnoredTrait;
import io.tributary.profile.merge.Micros;
import io.tributary.profile.merge.ProfileKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Appends events. An event that's there already stays as it is. */
public final class EventStore {
  /** An event in its home, with its number among what happened to the canonical profile. */
  public record NumberedEvent(ProfileKey home, CollectedEvent event, long changeNo) {
    /** What names it for good. */
    public EventKey key() {
      return EventKey.of(home, event);
    }
  }

  /** What an event is recognised by. */
  public record EventKey(ProfileKey home, String messageId, long micros) {
    /** Of an event in its home. */
    public static EventKey of(ProfileKey home, CollectedEvent event) {
      return new EventKey(home, event.messageId(), Micros.of(event.timestamp()));
    }
  }

  /** A trait that an event carried and that wasn't taken over. */
  public record Ignored(ProfileKey home, String messageId, IgnoredTrait trait) {}

  private static final String INSERT =
      """
      insert into profile.event (workspace_id, profile_id, at, message_id, received_at, type, name, source_id,
                                 change_no, payload)
      select e.workspace_id, e.profile_id, %s, e.message_id, %s, e.type, e.name, e.source_id, e.change_no, %s
      from unnest(?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[],
                  ?::bigint[], ?::bytea[])
           as e(workspace_id, profile_id, at, message_id, received_at, type, name, source_id, change_no, payload)
      on conflict do nothing
      returning workspace_id, profile_id, message_id, %s
      """
          .formatted(
              Columns.time("e.at"),
              Columns.time("e.received_at"),
              Columns.json("e.payload"),
              Columns.micros("at"));

  private static final String NUMBERS =
      """
      select e.workspace_id, e.profile_id, e.message_id, k.at, e.change_no
      from unnest(?::text[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[])
           as k(workspace_id, profile_id, at, message_id, received_at)
      join profile.event e
        on e.workspace_id = k.workspace_id and e.profile_id = k.profile_id and e.at = %s
       and e.message_id = k.message_id and e.received_at = %s
      """
          .formatted(Columns.time("k.at"), Columns.time("k.received_at"));

  private static final String IGNORE =
      """
      insert into profile.ignored_trait (workspace_id, profile_id, message_id, key, reason)
      select * from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::text[]) on conflict do nothing
      """;

  /** Inserts those that aren't there yet and says which these are. */
  public Set<EventKey> insert(Connection connection, List<NumberedEvent> events)
      throws SQLException {
    Set<EventKey> inserted = new HashSet<>();
    if (events.isEmpty()) {
      return inserted;
    }
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      new Columns<>(connection, statement, events)
          .text(row -> row.home().workspaceId())
          .uuid(row -> row.home().id().uuid())
          .number(row -> Micros.of(row.event().timestamp()))
          .text(row -> row.event().messageId())
          .number(row -> Micros.of(row.event().receivedAt()))
          .text(row -> row.event().type().wire())
          .text(row -> row.event().label())
          .text(row -> row.event().sourceId())
          .number(NumberedEvent::changeNo)
          .bytes(row -> row.event().json().toBytes());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          inserted.add(new EventKey(key(row), row.getString(3), row.getLong(4)));
        }
      }
    }
    return inserted;
  }

  /** The stored number of those events that are there; what the given ones carry is ignored. */
  public Map<EventKey, Long> numbers(Connection connection, List<NumberedEvent> events)
      throws SQLException {
    Map<EventKey, Long> numbers = new HashMap<>();
    if (events.isEmpty()) {
      return numbers;
    }
    try (PreparedStatement statement = connection.prepareStatement(NUMBERS)) {
      new Columns<>(connection, statement, events)
          .text(row -> row.home().workspaceId())
          .uuid(row -> row.home().id().uuid())
          .number(row -> Micros.of(row.event().timestamp()))
          .text(row -> row.event().messageId())
          .number(row -> Micros.of(row.event().receivedAt()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          numbers.put(new EventKey(key(row), row.getString(3), row.getLong(4)), row.getLong(5));
        }
      }
    }
    return numbers;
  }

  /** Records traits that weren't taken over. */
  public void ignore(Connection connection, List<Ignored> ignored) throws SQLException {
    if (ignored.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(IGNORE)) {
      new Columns<>(connection, statement, ignored)
          .text(row -> row.home().workspaceId())
          .uuid(row -> row.home().id().uuid())
          .text(Ignored::messageId)
          .text(row -> row.trait().key())
          .text(row -> row.trait().reason());
      statement.executeUpdate();
    }
  }

  private static ProfileKey key(ResultSet row) throws SQLException {
    return new ProfileKey(row.getString(1), new ProfileId(row.getObject(2, UUID.class)));
  }
}
