package io.tributary.ingestion.postgres;

import io.tributary.web.Faults;
import io.tributary.webhook.ForbiddenAddressException;
import io.tributary.webhook.GuardedSockets;
import io.tributary.webhook.WebhookTargets;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Somebody else's Postgres, checked. Connections to it go to public addresses or to what the
 * operator has allowed, and no server can fill or hold them ({@link GuardedSockets}).
 *
 * @param tls whether the connection is encrypted and the server's certificate checked
 * @param ca in PEM, the certificate that has signed the server's; null for the usual authorities
 */
public record PostgresServer(
    String host, int port, String database, String user, boolean tls, @Nullable String ca) {
  private static final int MAX_IDENTIFIER = 63;
  private static final int MAX_CERTIFICATE = 10_000;
  private static final int CONNECT_SECONDS = 5;
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");
  private static final Pattern SQLSTATE = Pattern.compile("[0-9A-Z]{5}");

  /** As people write it. */
  public record Written(
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String database,
      @Nullable String user,
      @Nullable String tls,
      @Nullable String ca) {}

  /**
   * Checks what people wrote; what it answers isn't to be used beside faults.
   *
   * @param at where it stands in the request
   */
  public static PostgresServer read(
      Written written, String at, WebhookTargets targets, Faults faults) {
    String host =
        faults.matching(
            written.host(), at + ".host", HOST, "a host name or an IPv4 address, without more");
    int port = faults.between(written.port(), at + ".port", 1_024, 65_535, 5_432);
    String tls = Objects.requireNonNullElse(written.tls(), "verify");
    boolean off = tls.equals("off");
    faults.check(
        off || tls.equals("verify"), at + ".tls", "invalid_value", "must be verify or off");
    faults.check(
        !off || targets.isAllowed(host, port),
        at + ".tls",
        "not_allowed",
        "can be off only for a host and port that the operator has allowed"
            + " (TRIBUTARY_WEBHOOK_ALLOW_PRIVATE)");
    String ca = written.ca();
    if (ca != null && !isCertificate(ca)) {
      faults.add(
          at + ".ca",
          "invalid",
          "must be one certificate in PEM, beginning with -----BEGIN CERTIFICATE-----");
    }
    return new PostgresServer(
        host,
        port,
        faults.text(written.database(), at + ".database", MAX_IDENTIFIER),
        faults.text(written.user(), at + ".user", MAX_IDENTIFIER),
        !off,
        ca);
  }

  /** Exactly that: what doesn't begin so the driver would take for the name of a file. */
  private static boolean isCertificate(String text) {
    if (!text.startsWith("-----BEGIN CERTIFICATE-----") || text.length() > MAX_CERTIFICATE) {
      return false;
    }
    try {
      return CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
              .size()
          == 1;
    } catch (CertificateException e) {
      return false;
    }
  }

  /**
   * Its connections.
   *
   * @param allowed what the operator has allowed beside public addresses
   */
  public PGSimpleDataSource connections(String password, String allowed) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {host});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName(database);
    source.setUser(user);
    source.setPassword(password);
    source.setApplicationName("Tributary");
    source.setSocketFactory(GuardedSockets.class.getName());
    source.setSocketFactoryArg(allowed);
    source.setSslMode(tls ? "verify-full" : "disable");
    String own = ca;
    if (tls) {
      source.setSslfactory(
          own == null
              ? "org.postgresql.ssl.DefaultJavaSSLFactory"
              : "org.postgresql.ssl.SingleCertValidatingFactory");
    }
    if (tls && own != null) {
      source.setSslFactoryArg(own);
    }
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout((int) GuardedSockets.ANSWER.toSeconds());
    source.setGssEncMode("disable");
    source.setRequireAuth(tls ? "scram-sha-256,md5,password" : "scram-sha-256,md5");
    source.setTcpKeepAlive(true);
    // Poolers between us and the server know no statements of a session.
    source.setPrepareThreshold(0);
    source.setPreferQueryMode(PreferQueryMode.EXTENDED);
    return source;
  }

  /** The code of an error, of which a server could say anything. */
  public static String state(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return SQLSTATE.matcher(state).matches() ? state : "error";
  }

  /**
   * Why the server wasn't reached, in one word; empty where it was, and has refused something.
   *
   * @param connected whether a connection was there before
   */
  public Optional<String> unreached(SQLException e, boolean connected) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ForbiddenAddressException _ -> {
          return Optional.of("address_not_allowed");
        }
        case UnknownHostException _ -> {
          return Optional.of("unknown_host");
        }
        case ConnectException _, NoRouteToHostException _ -> {
          return Optional.of("connection_refused");
        }
        case SocketTimeoutException _ -> {
          return Optional.of("no_answer");
        }
        case SSLException _ -> {
          return Optional.of("tls_failed");
        }
        case IOException _ -> {
          return Optional.of("no_answer");
        }
        default -> {
          // Perhaps what lies below it says more.
        }
      }
    }
    // Of its own accord the driver hangs up only over TLS: none, or another host's certificate.
    return state(e).startsWith("08")
        ? Optional.of(!connected && tls ? "tls_failed" : "no_answer")
        : Optional.empty();
  }
}
