package io.tributary.segment.store;

import io.tributary.conditions.EventPattern;
import io.tributary.conditions.KeptPattern;
import io.tributary.event.ProfileId;
import io.tributary.segment.membership.Behaviour;
import io.tributary.segment.membership.Behaviour.Occurrence;
import io.tributary.segment.store.BehaviourStore.Place;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Finds behaviour in the event history of the profile store. */
public final class EventReader {
  private static final int FETCH = 2_000;

  /** Occurrences are pruned when so many have piled up, so that a long history fits. */
  private static final int PILE = 4_096;

  /** What these homes did of these patterns, the latest that are kept. */
  public Map<Place, Behaviour> behaviour(
      Connection connection,
      SortedSet<ProfileKey> homes,
      Collection<KeptPattern> patterns,
      Instant boundary)
      throws SQLException {
    String workspaceId = homes.first().workspaceId();
    boolean filtered = patterns.stream().anyMatch(kept -> !kept.pattern().where().isEmpty());
    String sql =
        """
        select e.profile_id, e.at, e.message_id, e.type, e.name, %s as payload
        from profile.v_event e
        where e.workspace_id = ? and e.profile_id = any(?) and e.type = any(?)
        """
            .formatted(filtered ? "e.payload::text" : "null::text");
    Map<Place, Behaviour> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(FETCH);
      statement.setString(1, workspaceId);
      statement.setArray(2, Arrays.profiles(connection, homes));
      statement.setArray(
          3,
          Arrays.texts(
              connection,
              patterns.stream().map(kept -> kept.pattern().type().wireName()).distinct().toList()));
      Pile pile = new Pile(found, micros(boundary));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          pile.add(workspaceId, row, patterns);
        }
      }
      pile.flush();
    }
    return found;
  }

  /** Gathers occurrences and folds them in now and then. */
  private static final class Pile {
    private final Map<Place, Behaviour> found;
    private final Map<Place, List<Occurrence>> waiting = new HashMap<>();
    private final Map<String, Integer> keep = new HashMap<>();
    private final long boundary;

    Pile(Map<Place, Behaviour> found, long boundary) {
      this.found = found;
      this.boundary = boundary;
    }

    void add(String workspaceId, ResultSet row, Collection<KeptPattern> patterns)
        throws SQLException {
      String payload = row.getString("payload");
      JsonNode event = payload == null ? NullNode.instance : ProfileReader.EXACT.readTree(payload);
      ProfileKey home =
          new ProfileKey(workspaceId, new ProfileId(row.getObject("profile_id", UUID.class)));
      Occurrence occurrence =
          new Occurrence(
              micros(Arrays.requiredInstant(row, "at")), messageHash(row.getString("message_id")));
      for (KeptPattern kept : patterns) {
        EventPattern pattern = kept.pattern();
        if (pattern.matches(row.getString("type"), row.getString("name"), event)) {
          Place place = new Place(home, pattern.id());
          keep.put(pattern.id(), kept.keep());
          List<Occurrence> pile = waiting.computeIfAbsent(place, _ -> new ArrayList<>());
          pile.add(occurrence);
          if (pile.size() >= PILE) {
            fold(place, pile);
            pile.clear();
          }
        }
      }
    }

    void flush() {
      waiting.forEach(this::fold);
    }

    private void fold(Place place, List<Occurrence> pile) {
      Behaviour before = found.getOrDefault(place, Behaviour.NONE);
      int kept = keep.getOrDefault(place.patternId(), 1);
      found.put(place, before.with(pile).pruned(kept, boundary));
    }
  }

  /** Microseconds, cut off as the profile store does. */
  public static long micros(Instant moment) {
    return Math.addExact(
        Math.multiplyExact(moment.getEpochSecond(), 1_000_000L), moment.getNano() / 1_000);
  }

  /** Names a message within a pattern's occurrences. */
  public static long messageHash(String messageId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(messageId.getBytes(StandardCharsets.UTF_8));
      return java.nio.ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
