package io.tributary.campaign.store;

import io.tributary.campaign.journey.Channel;
import io.tributary.campaign.track.SigningKey;
import io.tributary.event.Ids;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Addresses that get nothing more. All methods take part in the transaction at hand. */
public final class SuppressionStore {
  private final JdbcClient jdbc;
  private final SigningKey key;

  /** The suppressions of this database. */
  public SuppressionStore(JdbcClient jdbc, SigningKey key) {
    this.jdbc = jdbc;
    this.key = key;
  }

  /**
   * A suppression.
   *
   * @param address absent once its person was erased
   */
  public record Suppression(
      String id, Channel channel, @Nullable String address, String reason, Instant createdAt) {
    @Override
    public String toString() {
      return "Suppression[" + id + "]";
    }
  }

  /** By what an address is recognized. */
  public byte[] hash(String workspaceId, Channel channel, String address) {
    return key.addressHash(workspaceId, channel.wire(), address);
  }

  /** The text that is locked while an address is checked or suppressed. */
  public static String lockKey(String workspaceId, Channel channel, byte[] hash) {
    return workspaceId + "|" + channel.wire() + "|" + HexFormat.of().formatHex(hash);
  }

  /**
   * Suppresses the address behind a hash, under the lock that claims take, so that no send to it is
   * claimed once this transaction is committed. Repeating it changes nothing.
   */
  public Suppression add(
      String workspaceId,
      Channel channel,
      byte[] hash,
      @Nullable String address,
      String reason,
      Instant at) {
    new Locks(jdbc).take(List.of(lockKey(workspaceId, channel, hash)));
    return jdbc.sql(
            """
            insert into campaign.suppression as kept
                (suppression_id, workspace_id, channel, address_hash, address, reason, created_at)
            values (:id, :workspace, :channel, :hash, :address, :reason, :at)
            on conflict (workspace_id, channel, address_hash)
                do update set address = coalesce(kept.address, excluded.address)
            returning suppression_id, channel, address, reason, created_at
            """)
        .param("id", Ids.create("sup"))
        .param("workspace", workspaceId)
        .param("channel", channel.wire())
        .param("hash", hash)
        .param("address", address)
        .param("reason", reason)
        .param("at", Times.of(at))
        .query(SuppressionStore::read)
        .single();
  }

  /** Which of the hashes are suppressed, as {@link ByteBuffer}s. */
  public Set<ByteBuffer> suppressed(
      String workspaceId, Channel channel, Collection<byte[]> hashes) {
    return jdbc
        .sql(
            """
            select address_hash from campaign.suppression
            where workspace_id = :workspace and channel = :channel and address_hash = any(:hashes)
            """)
        .param("workspace", workspaceId)
        .param("channel", channel.wire())
        .param("hashes", SqlArrays.bytea(hashes))
        .query(byte[].class)
        .list()
        .stream()
        .map(ByteBuffer::wrap)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A page, by id; only one address where a hash is given. */
  public List<Suppression> page(
      String workspaceId, byte @Nullable [] hash, String after, int limit) {
    return jdbc.sql(
            """
            select suppression_id, channel, address, reason, created_at from campaign.suppression
            where workspace_id = :workspace and suppression_id > :after
              and (:all or address_hash = :hash)
            order by suppression_id limit :limit
            """)
        .param("workspace", workspaceId)
        .param("after", after)
        .param("all", hash == null)
        .param("hash", hash == null ? new byte[0] : hash)
        .param("limit", limit)
        .query(SuppressionStore::read)
        .list();
  }

  /** Lifts a suppression; empty when there's none with this id. */
  public Optional<String> remove(String workspaceId, String id) {
    return jdbc.sql(
            """
            delete from campaign.suppression
            where workspace_id = :workspace and suppression_id = :id returning reason
            """)
        .param("workspace", workspaceId)
        .param("id", id)
        .query(String.class)
        .optional();
  }

  private static Suppression read(ResultSet row, int n) throws SQLException {
    return new Suppression(
        row.getString("suppression_id"),
        Channel.parse(row.getString("channel")),
        row.getString("address"),
        row.getString("reason"),
        Times.get(row, "created_at"));
  }
}
