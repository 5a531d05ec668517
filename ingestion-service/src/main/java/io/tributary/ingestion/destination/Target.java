package io.tributary.ingestion.destination;

import org.jspecify.annotations.Nullable;

/** Where a destination is, checked. */
sealed interface Target {
  /** Messages are posted there. */
  record Webhook(String url) implements Target {}

  /**
   * A schema of a Postgres.
   *
   * @param tls whether the connection is encrypted and the server's certificate checked
   * @param ca in PEM, the certificate that has signed the server's; null for the usual authorities
   */
  record Tables(
      String host,
      int port,
      String database,
      String schema,
      String user,
      boolean tls,
      @Nullable String ca)
      implements Target {
    /** Whether a password for one may be told to the other. */
    boolean isSameLogin(Tables other) {
      return host.equals(other.host)
          && port == other.port
          && database.equals(other.database)
          && user.equals(other.user)
          && tls == other.tls
          && java.util.Objects.equals(ca, other.ca);
    }
  }
}
