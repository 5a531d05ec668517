package io.tributary.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.MessageDigest;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Recognizes API tokens by the hash of what was sent. What the database said, be it yes or no,
 * counts for two seconds: so long may a revoked token still work, and no flood of guesses with one
 * token reaches the database. When the database is away nobody is let in.
 */
public final class TokenAuthenticator {
  private static final Duration TRUSTED = Duration.ofSeconds(2);
  private static final int MAX_CACHED = 10_000;
  private static final String BY_HASH =
      """
      select token_hash, workspace_id, token_id, scopes, expires_at, revoked_at
      from access.v_token where token_hash = ?
      """;

  private final JdbcClient jdbc;
  private final Clock clock;
  private final Cache<String, Optional<Token>> known;

  /** What became of an attempt. */
  public sealed interface Outcome {
    /** The token is good. */
    record Accepted(Caller caller) implements Outcome {}

    /** It is not; the code says why, which only the holder of a real token can learn. */
    record Refused(String code, String detail) implements Outcome {}
  }

  private record Token(
      byte[] hash, Caller caller, @Nullable Instant expiresAt, @Nullable Instant revokedAt) {}

  /** Reads the view {@code access.v_token}. */
  public TokenAuthenticator(DataSource dataSource, Clock clock) {
    this.jdbc = JdbcClient.create(dataSource);
    this.clock = clock;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MAX_CACHED)
            .expireAfterWrite(TRUSTED)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .build();
  }

  /** Judges a token; database errors pass through. */
  public Outcome authenticate(String token) {
    if (!Secrets.looksLikeToken(token)) {
      return unknown();
    }
    byte[] hash = Secrets.hash(token);
    Optional<Token> found = known.get(HexFormat.of().formatHex(hash), key -> read(hash));
    return found
        .filter(t -> MessageDigest.isEqual(t.hash(), hash))
        .map(this::judge)
        .orElseGet(TokenAuthenticator::unknown);
  }

  private Outcome judge(Token token) {
    if (token.revokedAt() != null) {
      return new Outcome.Refused("token_revoked", "This API token was revoked; use another one.");
    }
    if (token.expiresAt() != null && !clock.instant().isBefore(token.expiresAt())) {
      return new Outcome.Refused(
          "token_expired",
          "This API token expired at " + token.expiresAt() + "; create a new one.");
    }
    return new Outcome.Accepted(token.caller());
  }

  private static Outcome unknown() {
    return new Outcome.Refused(
        "token_unknown", "This API token is not known. Check that it was copied as a whole.");
  }

  private Optional<Token> read(byte[] hash) {
    return jdbc.sql(BY_HASH).param(hash).query((row, n) -> token(row)).optional();
  }

  private static Token token(ResultSet row) throws SQLException {
    Array scopes = row.getArray("scopes");
    Caller caller =
        new Caller(
            row.getString("workspace_id"),
            row.getString("token_id"),
            Set.of((String[]) scopes.getArray()));
    return new Token(
        row.getBytes("token_hash"),
        caller,
        instant(row.getTimestamp("expires_at")),
        instant(row.getTimestamp("revoked_at")));
  }

  private static @Nullable Instant instant(@Nullable Timestamp time) {
    return time == null ? null : time.toInstant();
  }
}
