package io.tributary.ingestion;

import io.tributary.stream.BackingServers;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Collects events, and keeps workspaces, sources, keys and tokens. */
public final class IngestionApplication {
  private IngestionApplication() {}

  /** The service, by itself or beside others in one process. */
  public static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(IngestionConfiguration.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=ingestion-service");
  }

  /** Runs the service by itself. */
  public static void main(String[] arguments) {
    application().initializers(new BackingServers()).run(arguments);
  }
}
