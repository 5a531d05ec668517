package io.tributary.gateway;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Starts the gateway. */
public final class GatewayApplication {
  private GatewayApplication() {}

  /** The gateway, ready to run; the launcher starts it the same way. */
  public static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(GatewayConfiguration.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=gateway");
  }

  /** Runs the gateway as a process of its own. */
  public static void main(String[] args) {
    application().run(args);
  }
}
