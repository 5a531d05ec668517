package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import io.tributary.profile.store.PrivacyStore.Row;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Writes and reads exports: everything that is held about a person, as one JSON document. */
public final class ExportStore {
  private static final int PART = 1 << 20;
  private static final int FETCH = 500;

  private final DataSource dataSource;
  private final JdbcClient sql;
  private final Neighbours neighbours;

  /** Keeps exports in this database. */
  public ExportStore(DataSource dataSource, JdbcClient sql, Neighbours neighbours) {
    this.dataSource = dataSource;
    this.sql = sql;
    this.neighbours = neighbours;
  }

  /** A list of the document and the query that gives its entries as JSON texts. */
  private record Section(String name, String view, String query) {}

  private static final List<Section> SECTIONS =
      List.of(
          own(
              "profiles",
              """
              select (to_jsonb(p) - 'workspace_id' || jsonb_build_object(
                        'traits', coalesce(c.traits, '{}'), 'consent', coalesce(c.consent, '{}')))::text
              from profile.profile p
              left join profile.claim c on c.workspace_id = p.workspace_id and c.profile_id = p.profile_id
              where p.workspace_id = ? and p.profile_id = any(?::uuid[]) order by p.profile_id
              """),
          own(
              "merges",
              """
              select (to_jsonb(l) - 'workspace_id')::text from profile.link l
              where workspace_id = ? and profile_id = any(?::uuid[]) order by at, version
              """),
          own(
              "events",
              """
              select jsonb_build_object('profileId', profile_id, 'receivedAt', received_at, 'event', payload)::text
              from profile.event where workspace_id = ? and profile_id = any(?::uuid[])
              order by profile_id, at, message_id
              """),
          own(
              "blocks",
              """
              select (to_jsonb(b) - 'workspace_id')::text from profile.v_privacy_block b
              where workspace_id = ? and profile_id = any(?::uuid[])
              """),
          foreign("identifiers", "identity.v_identifier"),
          foreign("memberships", "segment.v_membership"),
          foreign("deliveries", "campaign.v_delivery"));

  private static Section own(String name, String query) {
    return new Section(name, "", query);
  }

  private static Section foreign(String name, String view) {
    return new Section(
        name,
        view,
        "select (to_jsonb(v) - 'workspace_id')::text from %s v where workspace_id = ? and profile_id = any(?::uuid[])"
            .formatted(view));
  }

  /** Writes the export of a request anew; an unfinished one leaves nothing. */
  public void write(Connection connection, Row request, List<ProfileId> homes, Instant expires)
      throws SQLException {
    Parts parts = new Parts(connection, request, expires);
    parts.add(
        "{\"requestId\":\"%s\",\"profileId\":\"%s\",\"at\":\"%s\""
            .formatted(request.id(), request.profileId(), request.at()));
    for (Section section : SECTIONS) {
      parts.add(",\n\"" + section.name() + "\":[");
      if (section.view().isEmpty() || neighbours.has(section.view())) {
        write(connection, section, request, homes, parts);
      }
      parts.add("]");
    }
    parts.add("}\n");
    parts.flush();
  }

  private static void write(
      Connection connection, Section section, Row request, List<ProfileId> homes, Parts parts)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(section.query())) {
      statement.setFetchSize(FETCH);
      statement.setString(1, request.workspaceId());
      statement.setString(2, Uuids.literal(homes));
      String separator = "\n";
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          parts.add(separator);
          parts.add(row.getString(1));
          separator = ",\n";
        }
      }
    }
  }

  private static final class Parts {
    private final Connection connection;
    private final Row request;
    private final Instant expires;
    private final StringBuilder buffer = new StringBuilder();
    private int part;

    Parts(Connection connection, Row request, Instant expires) {
      this.connection = connection;
      this.request = request;
      this.expires = expires;
    }

    void add(String text) throws SQLException {
      buffer.append(text);
      if (buffer.length() > PART) {
        flush();
      }
    }

    void flush() throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement(
              """
              insert into profile.privacy_export (workspace_id, request_id, part, content, expires_at)
              values (?, ?, ?, ?, ?::timestamptz)
              """)) {
        statement.setString(1, request.workspaceId());
        statement.setString(2, request.id());
        statement.setInt(3, part++);
        statement.setBytes(4, buffer.toString().getBytes(StandardCharsets.UTF_8));
        statement.setString(5, expires.toString());
        statement.executeUpdate();
      }
      buffer.setLength(0);
    }
  }

  /** Whether the export is there (still). */
  public boolean exists(String workspaceId, String requestId) {
    return sql.sql(
            "select exists (select from profile.privacy_export where workspace_id = ? and request_id = ?)")
        .param(workspaceId)
        .param(requestId)
        .query(Boolean.class)
        .single();
  }

  /** Copies an export. */
  public void copy(String workspaceId, String requestId, OutputStream out) throws IOException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select content from profile.privacy_export
                where workspace_id = ? and request_id = ? and part = ?
                """)) {
      for (int part = 0; ; part++) {
        statement.setString(1, workspaceId);
        statement.setString(2, requestId);
        statement.setInt(3, part);
        try (ResultSet row = statement.executeQuery()) {
          if (!row.next()) {
            return;
          }
          out.write(row.getBytes(1));
        }
      }
    } catch (SQLException e) {
      throw new IOException("reading export " + requestId, e);
    }
  }

  /** Deletes exports whose time is over. */
  public int sweep(Instant now) {
    return sql.sql("delete from profile.privacy_export where expires_at < ?::timestamptz")
        .param(now.toString())
        .update();
  }
}
