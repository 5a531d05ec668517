package io.tributary.profile.store;

import io.tributary.event.ProfileId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads which identifiers name whom: identity-service's published view. */
public final class Identifiers {
  private final JdbcClient sql;

  /** Reads with this client. */
  public Identifiers(JdbcClient sql) {
    this.sql = sql;
  }

  /**
   * An identifier of a home.
   *
   * @param validFrom since when this home holds it; absent when it always has
   * @param firstMessageId the event that brought it
   */
  public record HeldIdentifier(
      String type,
      String value,
      ProfileId profileId,
      @Nullable Instant validFrom,
      @Nullable String sourceId,
      @Nullable String firstMessageId,
      @Nullable Instant createdAt) {}

  /** The home that holds the identifier at a time; now when none is given. */
  public Optional<ProfileId> holder(
      String workspaceId, String type, String value, @Nullable Instant at) {
    return sql.sql(
            """
            select profile_id from identity.v_identifier
            where workspace_id = :workspace and type = :type and value = :value
              and valid_from <= coalesce(:at::timestamptz, 'infinity')
            order by valid_from desc limit 1
            """)
        .param("workspace", workspaceId)
        .param("type", type)
        .param("value", value)
        .param("at", at == null ? null : at.toString())
        .query((row, n) -> new ProfileId(row.getObject(1, UUID.class)))
        .optional();
  }

  /** Where a page of identifiers begins: behind this one. */
  public record Place(String type, String value, long validFromMicros) {}

  /** Identifiers of these homes, sorted by type, value and time, behind the given place. */
  public List<HeldIdentifier> of(
      String workspaceId, List<ProfileId> homes, @Nullable Place after, int limit) {
    return sql.sql(
            """
            select type, value, profile_id, nullif(valid_from, '-infinity') as valid_from, source_id,
                   first_message_id, created_at
            from identity.v_identifier
            where workspace_id = :workspace and profile_id = any(:homes::uuid[])
              and (:type::text is null
                   or (type, value, %s) > (:type::text, :value::text, :micros::bigint))
            order by type, value, %s limit :limit
            """
                .formatted(MICROS, MICROS))
        .param("workspace", workspaceId)
        .param("homes", Uuids.literal(homes))
        .param("type", after == null ? null : after.type())
        .param("value", after == null ? null : after.value())
        .param("micros", after == null ? 0L : (Long) after.validFromMicros())
        .param("limit", limit)
        .query(Identifiers::held)
        .list();
  }

  /** Stands for a holding without a beginning where a number is needed. */
  public static final long ALWAYS = -9_000_000_000_000_000_000L;

  private static final String MICROS =
      "coalesce(" + Columns.micros("nullif(valid_from, '-infinity')") + ", " + ALWAYS + ")";

  private static HeldIdentifier held(ResultSet row, int number) throws SQLException {
    return new HeldIdentifier(
        row.getString("type"),
        row.getString("value"),
        new ProfileId(row.getObject("profile_id", UUID.class)),
        instant(row, "valid_from"),
        row.getString("source_id"),
        row.getString("first_message_id"),
        instant(row, "created_at"));
  }

  static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
