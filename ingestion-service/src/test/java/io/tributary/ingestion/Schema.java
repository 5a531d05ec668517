package io.tributary.ingestion;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** The tables of ingestion as the service makes them. */
public final class Schema {
  private Schema() {}

  /** Migrations, to be run up to a version or all. */
  public static FluentConfiguration migrations(DataSource dataSource) {
    return Flyway.configure()
        .dataSource(dataSource)
        .schemas("ingestion")
        .locations("classpath:db/migration/ingestion", "classpath:db/stream")
        .outOfOrder(true);
  }
}
