package io.tributary.campaign;

import io.tributary.stream.BackingServers;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Runs campaigns. */
public final class CampaignApplication {
  private CampaignApplication() {}

  /** Runs the service by itself. */
  public static void main(String[] args) {
    application().initializers(new BackingServers()).run(args);
  }

  /** The service, for whoever starts it. */
  public static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(CampaignConfiguration.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=campaign");
  }
}
