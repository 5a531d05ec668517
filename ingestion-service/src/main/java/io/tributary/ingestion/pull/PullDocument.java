package io.tributary.ingestion.pull;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import io.tributary.ingestion.postgres.PostgresServer;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A pull as people write it.
 *
 * @param name for people
 * @param source whose events its rows become, src_…, of the kind database
 * @param enabled false lets it rest; true where nothing is said
 * @param postgres the database that is read
 * @param query what is read: one statement that selects rows, such as select * from orders. It's
 *     read only, in a transaction that can't write
 * @param cursor the column of it that grows with every new or changed row: a time, a date or a
 *     number
 * @param overlap how far each turn goes back, so that rows of transactions that ended late are
 *     found: seconds where the cursor is a time, else a difference of numbers; 0 to 1,000,000; 600
 *     where nothing is said. What is read again takes effect once
 * @param everySeconds rest between two turns, 10 to 86,400; 300 where nothing is said
 * @param mapping what becomes of a row, as of a file's; without it each row is a call itself
 * @param historical whether its events start no campaign; where nothing is said, those of the first
 *     turns, until all that was there is read
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PullDocument(
    @Nullable String name,
    @Nullable String source,
    @Nullable Boolean enabled,
    @Nullable PulledPostgres postgres,
    @Nullable String query,
    @Nullable String cursor,
    @Nullable Integer overlap,
    @Nullable Integer everySeconds,
    @Nullable @Schema(types = "object", implementation = Object.class) JsonNode mapping,
    @Nullable Boolean historical) {

  boolean isEnabled() {
    return enabled == null || enabled;
  }

  /** Whether where the one before has come to says nothing of this one. */
  boolean beginsAnew(PullDocument before) {
    return !Objects.equals(cursor, before.cursor)
        || postgres == null
        || before.postgres == null
        || !postgres.place().equals(before.postgres.place());
  }

  @Nullable String password() {
    return postgres == null ? null : postgres.password();
  }

  PullDocument withoutPassword() {
    return new PullDocument(
        name,
        source,
        enabled,
        postgres == null ? null : postgres.withoutPassword(),
        query,
        cursor,
        overlap,
        everySeconds,
        mapping,
        historical);
  }

  /**
   * A database of a Postgres.
   *
   * @param host its name or IPv4 address
   * @param port 5432 where nothing is said
   * @param password kept encrypted, and in no answer; where it's absent from a change, the one
   *     before counts on
   * @param tls verify (the default), or off for what the operator has allowed
   * @param ca a certificate in PEM that has signed the server's, where that isn't one of the usual
   *     authorities
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PulledPostgres(
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String database,
      @Nullable String user,
      @Nullable String password,
      @Nullable String tls,
      @Nullable String ca) {
    PostgresServer.Written server() {
      return new PostgresServer.Written(host, port, database, user, tls, ca);
    }

    /** Which database that is. */
    String place() {
      return (host + ":" + Objects.requireNonNullElse(port, 5_432)).toLowerCase(Locale.ROOT)
          + "/"
          + database;
    }

    PulledPostgres withoutPassword() {
      return new PulledPostgres(host, port, database, user, null, tls, ca);
    }

    @Override
    public String toString() {
      return "PulledPostgres[" + host + "]";
    }
  }
}
