package io.tributary.web;

import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The answers to requests that carried an {@code Idempotency-Key}, kept for 24 hours in the table
 * {@code idempotency} of the service's own schema ({@code classpath:db/web}). A service that offers
 * a bean of this type gets the behaviour for all its POSTs below {@code /api}.
 *
 * <p>The row is written before the request is carried out, in a transaction of its own: of two
 * equal requests at the same time one works and the other is told so. Only a success is kept; a
 * refusal frees the key, since it had no effect. A row whose worker died is taken over after {@link
 * #LEASE}.
 */
public final class Idempotency {
  static final Duration KEPT = Duration.ofHours(24);
  static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration SWEEP_EVERY = Duration.ofMinutes(10);
  private static final Pattern SCHEMA = Pattern.compile("[a-z_]{1,63}");
  private static final String SECRET = Idempotency.class.getName() + ".secret";

  private final JdbcClient jdbc;
  private final String table;
  private final Clock clock;
  private final AtomicReference<Instant> nextSweep;

  /** What is known of a key. */
  sealed interface Claim {
    /** The request is ours to carry out. */
    record Ours(String workspaceId, String key, UUID owner) implements Claim {}

    /** Somebody is carrying it out at this moment. */
    record InProgress() implements Claim {}

    /** The key was used for another request. */
    record OtherRequest() implements Claim {}

    /** It was carried out; this was the answer. */
    record Done(Answer answer) implements Claim {}
  }

  /** An answer as it is kept; the body is empty where it held a secret. */
  record Answer(int status, Map<String, String> headers, Optional<byte[]> body) {}

  private record Row(byte[] requestHash, Optional<Answer> answer) {}

  /**
   * The keeper of a service's answers.
   *
   * @param schema the service's own schema
   */
  public Idempotency(DataSource dataSource, String schema, Clock clock) {
    if (!SCHEMA.matcher(schema).matches()) {
      throw new IllegalArgumentException("not a schema name: " + schema);
    }
    this.jdbc = JdbcClient.create(dataSource);
    this.table = schema + ".idempotency";
    this.clock = clock;
    this.nextSweep = new AtomicReference<>(clock.instant().plus(SWEEP_EVERY));
  }

  /** Says that the answer to this request holds a secret, which must not be kept. */
  public static void answerIsSecret(HttpServletRequest request) {
    request.setAttribute(SECRET, true);
  }

  static boolean isSecret(HttpServletRequest request) {
    return request.getAttribute(SECRET) != null;
  }

  Claim claim(String workspaceId, String key, byte[] requestHash) {
    sweepNowAndThen();
    UUID owner = UUID.randomUUID();
    for (int attempt = 0; attempt < 3; attempt++) {
      if (insert(workspaceId, key, requestHash, owner)) {
        return new Claim.Ours(workspaceId, key, owner);
      }
      Optional<Row> row = find(workspaceId, key);
      if (row.isPresent()) {
        return judge(row.get(), requestHash);
      }
      // Freed between the two statements: once more.
    }
    return new Claim.InProgress();
  }

  private static Claim judge(Row row, byte[] requestHash) {
    if (!MessageDigest.isEqual(row.requestHash(), requestHash)) {
      return new Claim.OtherRequest();
    }
    return row.answer().<Claim>map(Claim.Done::new).orElseGet(Claim.InProgress::new);
  }

  private boolean insert(String workspaceId, String key, byte[] requestHash, UUID owner) {
    Instant now = clock.instant();
    return jdbc.sql(
                """
                insert into %s as kept
                  (workspace_id, key, request_hash, owner, created_at, expires_at)
                values (:workspace, :key, :hash, :owner, :now, :expires)
                on conflict (workspace_id, key) do update
                set request_hash = excluded.request_hash, owner = excluded.owner, status = null,
                    headers = '', body = null, created_at = excluded.created_at,
                    expires_at = excluded.expires_at
                where kept.expires_at <= :now
                   or (kept.status is null and kept.created_at <= :abandoned
                       and kept.request_hash = excluded.request_hash)
                """
                    .formatted(table))
            .param("workspace", workspaceId)
            .param("key", key)
            .param("hash", requestHash)
            .param("owner", owner)
            .param("now", Timestamp.from(now))
            .param("expires", Timestamp.from(now.plus(KEPT)))
            .param("abandoned", Timestamp.from(now.minus(LEASE)))
            .update()
        == 1;
  }

  private Optional<Row> find(String workspaceId, String key) {
    return jdbc.sql(
            "select request_hash, status, headers, body from %s where workspace_id = :workspace and key = :key"
                .formatted(table))
        .param("workspace", workspaceId)
        .param("key", key)
        .query((row, n) -> {
          int status = row.getInt("status");
          Optional<Answer> answer =
              row.wasNull()
                  ? Optional.empty()
                  : Optional.of(
                      new Answer(
                          status,
                          parse(row.getString("headers")),
                          Optional.ofNullable(row.getBytes("body"))));
          return new Row(row.getBytes("request_hash"), answer);
        })
        .optional();
  }

  void finish(Claim.Ours ours, Answer answer) {
    jdbc.sql(
            """
            update %s set status = :status, headers = :headers, body = :body
            where workspace_id = :workspace and key = :key and owner = :owner
            """
                .formatted(table))
        .param("status", answer.status())
        .param("headers", format(answer.headers()))
        .param("body", answer.body().orElse(null), Types.BINARY)
        .param("workspace", ours.workspaceId())
        .param("key", ours.key())
        .param("owner", ours.owner())
        .update();
  }

  void release(Claim.Ours ours) {
    jdbc.sql(
            "delete from %s where workspace_id = :workspace and key = :key and owner = :owner"
                .formatted(table))
        .param("workspace", ours.workspaceId())
        .param("key", ours.key())
        .param("owner", ours.owner())
        .update();
  }

  private void sweepNowAndThen() {
    Instant now = clock.instant();
    Instant due = nextSweep.get();
    if (now.isAfter(due) && nextSweep.compareAndSet(due, now.plus(SWEEP_EVERY))) {
      jdbc.sql("delete from %s where expires_at <= :now".formatted(table))
          .param("now", Timestamp.from(now))
          .update();
    }
  }

  private static String format(Map<String, String> headers) {
    return headers.entrySet().stream()
        .map(header -> header.getKey() + ": " + header.getValue())
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, String> parse(String headers) {
    return headers
        .lines()
        .map(line -> line.split(": ", 2))
        .collect(Collectors.toUnmodifiableMap(parts -> parts[0], parts -> parts[1]));
  }
}
