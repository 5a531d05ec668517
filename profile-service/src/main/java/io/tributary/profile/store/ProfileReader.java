package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import io.tributary.profile.merge.Claims;
import io.tributary.profile.merge.Home;
import io.tributary.profile.merge.Micros;
import io.tributary.profile.merge.Person;
import io.tributary.profile.merge.ProfileKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads profiles and their timelines for people and programs that ask. */
public final class ProfileReader {
  private final JdbcClient sql;

  /** Reads with this client. */
  public ProfileReader(JdbcClient sql) {
    this.sql = sql;
  }

  /**
   * A canonical profile.
   *
   * @param traits JSON object of plain values
   * @param consent JSON object of category to true or false
   */
  public record Profile(
      ProfileId id,
      List<ProfileId> homes,
      String traits,
      String consent,
      long eventCount,
      @Nullable Instant firstSeen,
      @Nullable Instant lastSeen,
      long changeNo) {}

  /** What an id stands for. */
  public sealed interface Found {
    /** A person: the canonical profile that the id belongs to. */
    record Present(Profile profile) implements Found {}

    /** The person was erased. */
    record Erased() implements Found {}

    /** No such profile in this workspace. */
    record Unknown() implements Found {}
  }

  private static final String COLUMNS =
      """
      r.profile_id, r.homes, c.resolved::text as traits, c.resolved_consent::text as consent,
      r.total_event_count, r.total_first_seen, r.total_last_seen, r.change_no
      """;

  /** The canonical profile of an id, be it canonical itself or absorbed. */
  public Found find(String workspaceId, ProfileId id) {
    record Row(boolean erased, Profile profile) {}
    Optional<Row> row =
        sql.sql(
                """
                select p.erased_at is not null or r.erased_at is not null as erased, %s
                from profile.profile p
                join profile.profile r on r.workspace_id = p.workspace_id and r.profile_id = p.canonical_id
                left join profile.claim c on c.workspace_id = r.workspace_id and c.profile_id = r.profile_id
                where p.workspace_id = :workspace and p.profile_id = :id
                """
                    .formatted(COLUMNS))
            .param("workspace", workspaceId)
            .param("id", id.uuid())
            .query((r, n) -> new Row(r.getBoolean("erased"), profile(r)))
            .optional();
    if (row.isEmpty()) {
      return new Found.Unknown();
    }
    return row.get().erased() ? new Found.Erased() : new Found.Present(row.get().profile());
  }

  /** Canonical profiles, the youngest id first. */
  public List<Profile> list(String workspaceId, @Nullable UUID before, int limit) {
    return sql.sql(
            """
            select %s from profile.profile r
            left join profile.claim c on c.workspace_id = r.workspace_id and c.profile_id = r.profile_id
            where r.workspace_id = :workspace and r.profile_id = r.canonical_id and r.erased_at is null
              and (:before::uuid is null or r.profile_id < :before::uuid)
            order by r.profile_id desc limit :limit
            """
                .formatted(COLUMNS))
        .param("workspace", workspaceId)
        .param("before", before == null ? null : before.toString())
        .param("limit", limit)
        .query((r, n) -> profile(r))
        .list();
  }

  private static Profile profile(ResultSet row) throws SQLException {
    java.sql.Array homes = row.getArray("homes");
    List<ProfileId> ids =
        homes == null
            ? List.of()
            : Arrays.stream((Object[]) homes.getArray())
                .map(uuid -> new ProfileId((UUID) uuid))
                .toList();
    return new Profile(
        new ProfileId(row.getObject("profile_id", UUID.class)),
        ids,
        textOr(row.getString("traits")),
        textOr(row.getString("consent")),
        row.getLong("total_event_count"),
        Identifiers.instant(row, "total_first_seen"),
        Identifiers.instant(row, "total_last_seen"),
        row.getLong("change_no"));
  }

  private static String textOr(@Nullable String json) {
    return json == null ? "{}" : json;
  }

  /** The person with each home's own claims, for who asks where a value came from. */
  public Person person(String workspaceId, ProfileId root) {
    return Person.of(
        sql.sql(
                """
                select p.profile_id, canonical_id, merged_into, link_version, coalesce(%s, 0) as linked,
                       coalesce(c.traits, '{}')::text as traits, coalesce(c.consent, '{}')::text as consent,
                       event_count, change_no
                from profile.profile p
                left join profile.claim c on c.workspace_id = p.workspace_id and c.profile_id = p.profile_id
                where p.workspace_id = :workspace and canonical_id = :root and erased_at is null
                """
                    .formatted(Columns.micros("linked_at")))
            .param("workspace", workspaceId)
            .param("root", root.uuid())
            .query((row, n) -> home(workspaceId, row))
            .list());
  }

  private static Home home(String workspaceId, ResultSet row) throws SQLException {
    UUID into = row.getObject("merged_into", UUID.class);
    return new Home(
        new ProfileKey(workspaceId, new ProfileId(row.getObject("profile_id", UUID.class))),
        new ProfileId(row.getObject("canonical_id", UUID.class)),
        into == null ? null : new ProfileId(into),
        row.getLong("link_version"),
        row.getLong("linked"),
        Claims.stored(row.getString("traits")),
        Claims.stored(row.getString("consent")),
        row.getLong("event_count"),
        null,
        null,
        row.getLong("change_no"),
        false);
  }

  /**
   * An event of a timeline.
   *
   * @param payload JSON object: the event as it was accepted
   */
  public record StoredEvent(
      ProfileId home,
      String messageId,
      String type,
      @Nullable String name,
      String sourceId,
      Instant at,
      Instant receivedAt,
      String payload) {}

  /** Where a page of a timeline begins: behind this event. */
  public record Place(long micros, String messageId, UUID home) {}

  /** What a timeline is narrowed to. */
  public record Filter(@Nullable String type, @Nullable String name) {
    /** Everything. */
    public static final Filter NONE = new Filter(null, null);
  }

  /** Events of all these homes, newest first. Each home is read along its own index. */
  public List<StoredEvent> events(
      String workspaceId, List<ProfileId> homes, Filter filter, @Nullable Place after, int limit) {
    return sql.sql(
            """
            select e.* from unnest(:homes::uuid[]) as h(id)
            cross join lateral (
              select profile_id, message_id, type, name, source_id, at, received_at, payload::text as payload
              from profile.event
              where workspace_id = :workspace and profile_id = h.id
                and (:type::text is null or type = :type::text) and (:name::text is null or name = :name::text)
                and (:micros::bigint is null or (at, message_id, profile_id) < (%s, :message, :home::uuid))
              order by at desc, message_id desc limit :limit) e
            order by e.at desc, e.message_id desc, e.profile_id desc limit :limit
            """
                .formatted(Columns.time(":micros::bigint")))
        .param("homes", Uuids.literal(homes))
        .param("workspace", workspaceId)
        .param("type", filter.type())
        .param("name", filter.name())
        .param("micros", after == null ? null : (Long) after.micros())
        .param("message", after == null ? "" : after.messageId())
        .param("home", after == null ? null : after.home().toString())
        .param("limit", limit)
        .query(ProfileReader::event)
        .list();
  }

  /** Every stored event with this message id. */
  public List<StoredEvent> eventsByMessage(String workspaceId, String messageId) {
    return sql.sql(
            """
            select profile_id, message_id, type, name, source_id, at, received_at, payload::text as payload
            from profile.event where workspace_id = :workspace and message_id = :message
            order by received_at limit 10
            """)
        .param("workspace", workspaceId)
        .param("message", messageId)
        .query(ProfileReader::event)
        .list();
  }

  private static StoredEvent event(ResultSet row, int number) throws SQLException {
    return new StoredEvent(
        new ProfileId(row.getObject("profile_id", UUID.class)),
        row.getString("message_id"),
        row.getString("type"),
        row.getString("name"),
        row.getString("source_id"),
        Micros.toInstant(
            Micros.of(row.getObject("at", java.time.OffsetDateTime.class).toInstant())),
        row.getObject("received_at", java.time.OffsetDateTime.class).toInstant(),
        row.getString("payload"));
  }

  /** Merges and splits of these homes, oldest first. */
  public List<String> links(String workspaceId, List<ProfileId> homes) {
    return new ArrayList<>(
        sql.sql(
                """
                select (to_jsonb(l) - 'workspace_id')::text from profile.link l
                where workspace_id = :workspace and profile_id = any(:homes::uuid[])
                order by at, profile_id, version
                """)
            .param("workspace", workspaceId)
            .param("homes", Uuids.literal(homes))
            .query(String.class)
            .list());
  }
}
