package io.tributary.segment;

import io.tributary.stream.BackingServers;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Keeps segments of people up to date. */
public final class SegmentApplication {
  private SegmentApplication() {}

  /** Runs the service by itself. */
  public static void main(String[] args) {
    application().initializers(new BackingServers()).run(args);
  }

  /** The service, for whoever starts it. */
  public static SpringApplicationBuilder application() {
    return new SpringApplicationBuilder(SegmentConfiguration.class)
        .web(WebApplicationType.SERVLET)
        .properties("spring.config.name=segment");
  }
}
