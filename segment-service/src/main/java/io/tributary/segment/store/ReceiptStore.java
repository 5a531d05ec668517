package io.tributary.segment.store;

import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Says that this service has erased what it kept about somebody. */
public final class ReceiptStore {

  /** Each of these for every home of its request, as profile-service published them. */
  public List<ProfileErased> ofAllHomes(Connection connection, List<ProfileErased> erased)
      throws SQLException {
    Set<ProfileErased> all = new LinkedHashSet<>(erased);
    String sql =
        """
        select profile_id from profile.v_privacy_request where workspace_id = ? and request_id = ?
        """;
    for (ProfileErased one : erased) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, one.workspaceId());
        statement.setString(2, one.requestId());
        for (ProfileId home : ProfileReader.ids(statement)) {
          all.add(new ProfileErased(one.workspaceId(), home, one.requestId(), one.at()));
        }
      }
    }
    return List.copyOf(all);
  }

  /** Notes the receipt; again changes nothing. */
  public void add(Connection connection, ProfileErased request, Instant at) throws SQLException {
    String sql =
        """
        insert into segment.privacy_receipt (workspace_id, request_id, profile_id, done_at)
        values (?, ?, ?, ?) on conflict do nothing
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, request.workspaceId());
      statement.setString(2, request.requestId());
      statement.setObject(3, request.profileId().uuid());
      statement.setObject(4, Arrays.utc(at));
      statement.executeUpdate();
    }
  }
}
