package io.tributary.identity;

import io.tributary.stream.BackingServers;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Works out whose each event is. */
public final class IdentityApplication {
  private IdentityApplication() {}

  /** Runs the service by itself. */
  public static void main(String[] args) {
    application().initializers(new BackingServers()).run(args);
  }

  /** The service, for whoever starts it. */
  public static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(IdentityConfiguration.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=identity");
  }
}
