package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;

class ServicesTest {

  private final List<String> acts = new ArrayList<>();

  /** Nothing in it: the events of its context are what the test looks at. */
  static class Empty {}

  @Test
  void servicesStopInReverseOrderOfTheirStart() {
    Services.start(List.of(unit("back"), unit("front")), Map.of()).close();
    assertThat(acts).containsExactly("start back", "start front", "stop front", "stop back");
  }

  @Test
  void aFailedStartClosesWhatIsUpAndPassesItsCauseOn() {
    ServiceUnit broken =
        new ServiceUnit(
            "broken",
            () -> {
              throw new IllegalStateException("no such table");
            });
    assertThatThrownBy(() -> Services.start(List.of(unit("back"), broken, unit("front")), Map.of()))
        .hasMessageContaining("no such table");
    assertThat(acts).containsExactly("start back", "stop back");
  }

  @Test
  void settingsReachAServiceBeforeItsOwnDefaults() {
    List<String> seen = new ArrayList<>();
    ServiceUnit unit =
        new ServiceUnit(
            "back",
            () ->
                application(context ->
                        seen.add(context.getEnvironment().getProperty("TRIBUTARY_X", "")))
                    .properties("TRIBUTARY_X=default"));
    Services.start(List.of(unit), Map.of("TRIBUTARY_X", "given")).close();
    assertThat(seen).containsExactly("given");
  }

  private ServiceUnit unit(String name) {
    return new ServiceUnit(
        name,
        () ->
            application(context ->
                context.addApplicationListener(event -> {
                  switch (event) {
                    case ContextRefreshedEvent refreshed -> acts.add("start " + name);
                    case ContextClosedEvent closed -> acts.add("stop " + name);
                    default -> {}
                  }
                })));
  }

  private static SpringApplicationBuilder application(
      ApplicationContextInitializer<ConfigurableApplicationContext> initializer) {
    return new SpringApplicationBuilder(Empty.class)
        .web(WebApplicationType.NONE)
        .initializers(initializer);
  }
}
