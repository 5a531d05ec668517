package io.tributary.acceptance.chaos;

import io.tributary.demo.Api;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * How to reach the product under test. The two addresses and keys are all that a user has; Kafka
 * and Postgres are for breaking, and for looking where no endpoint tells.
 *
 * @param databasePassword of the role {@code tributary}
 */
record Target(
    String collectorUrl,
    String apiUrl,
    String writeKey,
    String apiToken,
    String kafka,
    String databaseUrl,
    String databasePassword) {

  /** The product as its users see it. */
  Api api() {
    return new Api(collectorUrl, apiUrl, writeKey, apiToken);
  }

  /** For looking only. */
  Connection database() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "tributary");
    properties.setProperty("password", databasePassword);
    properties.setProperty("ApplicationName", "chaos");
    properties.setProperty("readOnly", "true");
    return DriverManager.getConnection(databaseUrl, properties);
  }
}
