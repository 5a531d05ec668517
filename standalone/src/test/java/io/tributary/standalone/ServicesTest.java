package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.support.GenericApplicationContext;

class ServicesTest {

  private final List<String> acts = new CopyOnWriteArrayList<>();

  /** Nothing in it: the events of its context are what the test looks at. */
  static class Empty {}

  @Test
  void theLastStartsWhenTheOthersAreUpAndAllStopFrontToBack() {
    List<ServiceUnit> units = List.of(unit("back"), unit("middle"), unit("door"));
    Services.start(units, Map.of()).close();
    assertThat(acts.subList(0, 2)).containsExactlyInAnyOrder("start back", "start middle");
    assertThat(acts.subList(2, 6))
        .containsExactly("start door", "stop door", "stop middle", "stop back");
  }

  @Test
  void theLastIsToldWhereTheOthersAre() {
    List<String> seen = new ArrayList<>();
    ServiceUnit door =
        new ServiceUnit(
            "door",
            () ->
                application(context ->
                    List.of("BACK", "MIDDLE")
                        .forEach(name ->
                            seen.add(
                                context
                                    .getEnvironment()
                                    .getProperty("TRIBUTARY_" + name + "_URL", "")))));
    Services.start(List.of(unit("back"), unit("middle"), door), Map.of()).close();
    assertThat(seen).hasSize(2).allMatch(url -> url.startsWith("http://127.0.0.1:"));
  }

  @Test
  void aFailedStartClosesWhatIsUpAndPassesItsCauseOn() {
    ServiceUnit broken =
        new ServiceUnit(
            "broken",
            () -> {
              throw new IllegalStateException("no such table");
            });
    assertThatThrownBy(() -> Services.start(List.of(unit("back"), broken, unit("door")), Map.of()))
        .hasMessageContaining("no such table");
    assertThat(acts).containsExactly("start back", "stop back");
  }

  @Test
  void partsAreMadeWhileTheServersStartAndWorkOnlyWhenTheyAreUp() {
    CountDownLatch made = new CountDownLatch(2);
    Services.start(
            List.of(worker("back", made), worker("middle", made), worker("door", made)),
            Map.of(),
            () -> {
              try {
                assertThat(made.await(30, TimeUnit.SECONDS)).as("parts made meanwhile").isTrue();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              acts.add("servers up");
            })
        .close();
    assertThat(acts.subList(0, 2)).containsExactlyInAnyOrder("made back", "made middle");
    assertThat(acts.subList(2, 6))
        .contains("servers up", "work back", "work middle")
        .startsWith("servers up");
    assertThat(acts.subList(6, 9)).containsExactly("made door", "servers up", "work door");
  }

  @Test
  void serversThatDoNotStartFailTheStartWithTheirCause() {
    assertThatThrownBy(() ->
            Services.start(
                List.of(unit("back"), unit("door")),
                Map.of(),
                () -> {
                  throw new IllegalStateException("the disk is full");
                }))
        .hasRootCauseMessage("the disk is full");
    assertThat(acts).doesNotContain("start back", "start door");
  }

  /** A service that tells when its parts are there and when it begins to work. */
  private ServiceUnit worker(String name, CountDownLatch made) {
    return new ServiceUnit(
        name,
        () ->
            application(context ->
                    context.getBeanFactory().registerSingleton("work", new Work(name, acts)))
                .initializers(context ->
                    ((GenericApplicationContext) context)
                        .registerBean(
                            "part",
                            Object.class,
                            () -> {
                              acts.add("made " + name);
                              made.countDown();
                              return "part";
                            })));
  }

  private record Work(String name, List<String> acts) implements SmartLifecycle {

    @Override
    public void start() {
      acts.add("work " + name);
    }

    @Override
    public void stop() {}

    @Override
    public boolean isRunning() {
      return false;
    }
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
