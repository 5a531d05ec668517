package io.tributary.profile;

import io.tributary.stream.BackingServers;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Keeps the shared profile store. */
public final class ProfileApplication {
  private ProfileApplication() {}

  /** Runs the service by itself. */
  public static void main(String[] args) {
    application().initializers(new BackingServers()).run(args);
  }

  /** The service, for whoever starts it. */
  public static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(ProfileConfiguration.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=profile");
  }
}
