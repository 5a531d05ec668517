package io.tributary.acceptance.processes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.demo.Api;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Each program of the product can be killed, frozen and started by itself, and the path of an event
 * is whole again afterwards.
 */
@Order(1)
class SeparateProcessesTest {

  private int events;

  @Test
  void anEventGetsThroughAfterEachProgramWasKilledOrFrozen(@TempDir Path directory)
      throws Exception {
    try (SeparateProcesses processes = SeparateProcesses.start(ProcessesSettings.in(directory))) {
      Api api = processes.api();
      collect(api, "started");

      List<JavaProgram> services =
          SeparateProcesses.SERVICES.stream().map(name -> processes.instance(name, 1)).toList();
      List<Long> before = services.stream().map(Program::pid).toList();
      services.forEach(Program::kill);
      assertThat(services).noneMatch(Program::isAlive);
      assertThat(processes.instances("identity")).isEmpty();
      services.forEach(Program::launch);
      services.forEach(Program::awaitHealthy);
      assertThat(services.stream().map(Program::pid).toList()).doesNotContainAnyElementsOf(before);
      collect(api, "all services killed");

      for (Program server : List.of(processes.kafka(), processes.postgres())) {
        long pid = server.pid();
        server.kill();
        assertThat(server.isAlive()).as(server.name()).isFalse();
        server.start();
        assertThat(server.pid()).as(server.name()).isNotEqualTo(pid);
        collect(api, server.name() + " killed");
      }

      whileFrozen(
          processes.instance("profile", 1),
          api,
          token -> assertThat(visible(api, token)).isFalse());
      assertThat(count(api)).isEqualTo(events);
    }
  }

  /** Accepted while it stands still, visible when it goes on. */
  private void whileFrozen(Program program, Api api, Consumer<String> meanwhile) throws Exception {
    program.freeze();
    String token;
    try {
      token = api.collect(List.of(event()));
      events++;
      meanwhile.accept(token);
    } finally {
      program.thaw();
    }
    api.await("/api/v1/profiles?identifier=userId:ada", List.of(token));
  }

  private void collect(Api api, String after) {
    long began = System.nanoTime();
    List<String> tokens = new ArrayList<>();
    Awaitility.await("the collector to accept an event")
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> tokens.add(api.collect(List.of(event()))));
    events++;
    Awaitility.await("the event to be seen")
        .atMost(Duration.ofSeconds(60))
        .until(() -> visible(api, tokens.getLast()));
    System.out.printf(
        "%s: an event is seen after %.1f s%n", after, (System.nanoTime() - began) / 1e9);
  }

  private static boolean visible(Api api, String token) {
    try {
      String query = "?identifier=userId:ada&wait=2&position=" + Api.encode(token);
      return api.answer("GET", "/api/v1/profiles" + query, "").statusCode() == 200;
    } catch (java.io.IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static long count(Api api) throws Exception {
    return api.get("/api/v1/profiles?identifier=userId:ada").at("/data/0/eventCount").asLong(-1);
  }

  /** A repeated id is no second event: a try that wasn't answered may have been accepted. */
  private ObjectNode event() {
    return Api.MAPPER
        .createObjectNode()
        .put("type", "track")
        .put("userId", "ada")
        .put("event", "Looked")
        .put("messageId", "look-" + events);
  }
}
