package io.tributary.profile.store;

import io.tributary.event.IdentityRecord.ProfileLink;
import io.tributary.event.ProfileChange.ProfileRelinked;
import io.tributary.event.ProfileId;
import io.tributary.profile.merge.Micros;
import io.tributary.profile.merge.ProfileKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Keeps every change of a link that took effect. */
public final class LinkStore {
  /** A link with what it did. */
  public record Applied(ProfileLink link, ProfileRelinked relinked) {}

  private static final String INSERT =
      """
      insert into profile.link (workspace_id, profile_id, version, merged_into, canonical_id, previous_canonical_id,
                                change_no, merge_id, reason, at)
      select l.workspace_id, l.profile_id, l.version, l.merged_into, l.canonical_id, l.previous_canonical_id,
             l.change_no, l.merge_id, l.reason, %s
      from unnest(?::text[], ?::uuid[], ?::bigint[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[],
                  ?::text[], ?::bigint[])
           as l(workspace_id, profile_id, version, merged_into, canonical_id, previous_canonical_id, change_no,
                merge_id, reason, at)
      """
          .formatted(Columns.time("l.at"));

  private static final String FIND =
      """
      select l.workspace_id, l.profile_id, l.version, l.canonical_id, l.previous_canonical_id, l.change_no
      from unnest(?::text[], ?::uuid[], ?::bigint[]) as k(workspace_id, profile_id, version)
      join profile.link l
        on l.workspace_id = k.workspace_id and l.profile_id = k.profile_id and l.version = k.version
      """;

  /** Appends them. */
  public void insert(Connection connection, List<Applied> links) throws SQLException {
    if (links.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      new Columns<>(connection, statement, links)
          .text(row -> row.link().workspaceId())
          .uuid(row -> row.link().profileId().uuid())
          .number(row -> row.link().version())
          .uuid(row -> row.link().mergedInto() == null ? null : row.link().mergedInto().uuid())
          .uuid(row -> row.relinked().canonicalId().uuid())
          .uuid(row -> row.relinked().previousCanonicalId().uuid())
          .number(row -> row.relinked().changeNo())
          .text(row -> row.link().mergeId())
          .text(row -> row.link().reason())
          .number(row -> Micros.of(row.link().at()));
      statement.executeUpdate();
    }
  }

  /** What those of the given links did that took effect. */
  public Map<ProfileLink, ProfileRelinked> find(Connection connection, List<ProfileLink> links)
      throws SQLException {
    Map<ProfileLink, ProfileRelinked> found = new HashMap<>();
    if (links.isEmpty()) {
      return found;
    }
    record Version(ProfileKey key, long version) {}
    Map<Version, ProfileLink> wanted = new HashMap<>();
    links.forEach(link ->
        wanted.put(
            new Version(new ProfileKey(link.workspaceId(), link.profileId()), link.version()),
            link));
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      new Columns<>(connection, statement, List.copyOf(wanted.values()))
          .text(ProfileLink::workspaceId)
          .uuid(link -> link.profileId().uuid())
          .number(ProfileLink::version);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          ProfileKey key = new ProfileKey(row.getString(1), id(row, 2));
          ProfileLink link = wanted.get(new Version(key, row.getLong(3)));
          if (link != null) {
            found.put(link, relinked(link, row));
          }
        }
      }
    }
    return found;
  }

  private static ProfileRelinked relinked(ProfileLink link, ResultSet row) throws SQLException {
    return new ProfileRelinked(
        link.workspaceId(),
        link.profileId(),
        id(row, 4),
        id(row, 5),
        row.getLong(6),
        link.mergeId(),
        link.reason(),
        link.at());
  }

  private static ProfileId id(ResultSet row, int column) throws SQLException {
    return new ProfileId(row.getObject(column, UUID.class));
  }
}
