package io.tributary.testing;

import java.util.Map;
import javax.sql.DataSource;

/**
 * An empty database of its own.
 *
 * @param url JDBC address
 * @param user its owner, not a superuser
 * @param password of the owner
 */
public record TestDatabase(String url, String user, String password) {

  /** Connections that are used again once they are closed. */
  public DataSource dataSource() {
    return reused();
  }

  /** Has the next connections be new ones: they take what was set for the database as a whole. */
  public void endIdleConnections() {
    ReusedConnections.end(reused().getUrl());
  }

  private ReusedConnections reused() {
    ReusedConnections source = new ReusedConnections();
    source.setUrl(url);
    source.setUser(user);
    source.setPassword(password);
    return source;
  }

  /** The settings by which a service finds this database. */
  public Map<String, String> properties() {
    return Map.of(
        "TRIBUTARY_DATABASE_URL",
        url,
        "TRIBUTARY_DATABASE_USER",
        user,
        "TRIBUTARY_DATABASE_PASSWORD",
        password);
  }
}
