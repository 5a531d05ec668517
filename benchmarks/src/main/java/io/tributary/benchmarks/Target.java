package io.tributary.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The running product, as its connection.json tells.
 *
 * @param data its data directory
 * @param pid its process
 * @param postmaster the first process of its Postgres
 */
record Target(
    Path data,
    String collector,
    String api,
    String writeKey,
    String token,
    long pid,
    long postmaster,
    String kafka,
    String databaseUrl) {
  static final JsonMapper JSON = JsonMapper.builder().build();

  static Target in(Path data) throws IOException {
    JsonNode connection = JSON.readTree(Files.readAllBytes(data.resolve("connection.json")));
    String postmaster = Files.readAllLines(data.resolve("postgres/data/postmaster.pid")).getFirst();
    return new Target(
        data,
        connection.path("collectorUrl").asString(),
        connection.path("apiUrl").asString(),
        connection.path("writeKey").asString(),
        connection.path("apiToken").asString(),
        connection.path("pid").asLong(),
        Long.parseLong(postmaster.strip()),
        connection.path("kafka").asString(),
        connection.path("databaseUrl").asString());
  }

  /** The same as another source sees it. */
  Target withKey(String key) {
    return new Target(data, collector, api, key, token, pid, postmaster, kafka, databaseUrl);
  }

  /** A connection to the product's Postgres, for baselines and sizes. */
  Connection database() throws IOException, SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "tributary");
    properties.setProperty("password", Files.readString(data.resolve("postgres/password")).strip());
    properties.setProperty("ApplicationName", "benchmark");
    return DriverManager.getConnection(databaseUrl, properties);
  }
}
