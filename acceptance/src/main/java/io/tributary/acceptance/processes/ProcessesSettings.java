package io.tributary.acceptance.processes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * How the product is started as separate processes.
 *
 * @param root the project, with its Compose file, Dockerfile and {@code deploy/target/image}
 * @param directory where everything is kept: Postgres, Kafka, secrets, logs
 * @param variables of the Compose file, as in an {@code .env} file beside it
 * @param environment for all services, over what the Compose file says
 * @param kafka where Kafka listens and where it says that it does
 * @param confined whether services run as in containers: from a copy of the image to which nobody
 *     may write, and where this JVM is root's, as the image's user without privileges
 */
public record ProcessesSettings(
    Path root,
    Path directory,
    Map<String, String> variables,
    Map<String, String> environment,
    KafkaPorts kafka,
    boolean confined) {

  /**
   * Ports of Kafka on 127.0.0.1, which differ when something stands between it and its clients.
   *
   * @param advertised where it tells clients to go
   */
  public record KafkaPorts(int port, int advertised) {}

  /** Copies. */
  public ProcessesSettings {
    root = root.toAbsolutePath().normalize();
    directory = directory.toAbsolutePath().normalize();
    variables = Map.copyOf(variables);
    environment = Map.copyOf(environment);
  }

  /** Just what the files of the project say in which this JVM was started. */
  public static ProcessesSettings in(Path directory) {
    return of(project(), directory);
  }

  /** Just what the files of a project say. */
  public static ProcessesSettings of(Path root, Path directory) {
    return new ProcessesSettings(root, directory, Map.of(), Map.of(), anyPorts(), false);
  }

  /** The project around the working directory. */
  public static Path project() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("docker-compose.yml"))) {
        return at;
      }
    }
    throw new IllegalStateException("not inside the project");
  }

  /** The same with one more variable of the Compose file. */
  public ProcessesSettings withVariable(String name, String value) {
    return new ProcessesSettings(
        root, directory, plus(variables, name, value), environment, kafka, confined);
  }

  /** The same with one more variable for all services. */
  public ProcessesSettings withEnvironment(String name, String value) {
    return new ProcessesSettings(
        root, directory, variables, plus(environment, name, value), kafka, confined);
  }

  /** The same with Kafka at a port of its own, telling clients to go to another. */
  public ProcessesSettings withKafka(int port, int advertised) {
    return new ProcessesSettings(
        root, directory, variables, environment, new KafkaPorts(port, advertised), confined);
  }

  /** The same with services that are confined as in containers. */
  public ProcessesSettings asContainers() {
    return new ProcessesSettings(root, directory, variables, environment, kafka, true);
  }

  private static KafkaPorts anyPorts() {
    int port = Network.port();
    return new KafkaPorts(port, port);
  }

  private static Map<String, String> plus(Map<String, String> all, String name, String value) {
    Map<String, String> more = new HashMap<>(all);
    more.put(name, value);
    return more;
  }
}
