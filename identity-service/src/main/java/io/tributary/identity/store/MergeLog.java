package io.tributary.identity.store;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.ProfileId;
import io.tributary.identity.store.MessageStore.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What was said about merges when the records that caused them were applied. */
public final class MergeLog {
  /** The links by the place of their cause, each in the order in which they were made. */
  public Map<Place, List<ProfileLink>> causedBy(Connection connection, Collection<Place> places)
      throws SQLException {
    String sql =
        """
        select m.partition, m.position, m.workspace_id, m.absorbed_id, m.survivor_id, m.version, m.merge_id,
            (m.cause ->> 'rule') || ': '
                || (select string_agg(t, ' and ' order by n)
                    from jsonb_array_elements_text(m.cause -> 'matched') with ordinality as e (t, n)),
            m.at
        from unnest(?::int[], ?::bigint[]) as k (partition, position)
        cross join lateral
            (select * from identity.merge m
             where m.partition = k.partition and m.position = k.position offset 0) as m
        order by m.merge_id
        """;
    Map<Place, List<ProfileLink>> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Columns.of(statement, places).number(Place::partition).number(Place::position);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found
              .computeIfAbsent(new Place(row.getInt(1), row.getLong(2)), _ -> new ArrayList<>(1))
              .add(link(row));
        }
      }
    }
    return found;
  }

  private static ProfileLink link(ResultSet row) throws SQLException {
    ProfileId survivor = new ProfileId(row.getObject(5, UUID.class));
    return new ProfileLink(
        row.getString(3),
        new ProfileId(row.getObject(4, UUID.class)),
        survivor,
        survivor,
        row.getLong(6),
        row.getString(7),
        row.getString(8),
        row.getObject(9, OffsetDateTime.class).toInstant());
  }
}
