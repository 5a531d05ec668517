package io.tributary.acceptance.processes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One service of a Compose file.
 *
 * @param name by which the others reach it
 * @param command what follows the image's entry point
 * @param environment its variables
 * @param secrets names of the files below {@code /run/secrets}
 * @param after services that must be healthy before it starts
 * @param healthCheck the command of its health check, without the leading {@code CMD}
 * @param source all of it, as in the file
 */
public record ComposeService(
    String name,
    List<String> command,
    Map<String, String> environment,
    List<String> secrets,
    List<String> after,
    List<String> healthCheck,
    Map<String, Object> source) {

  static ComposeService of(String name, Map<String, Object> source) {
    Map<String, String> environment = new LinkedHashMap<>();
    Compose.map(source.get("environment"))
        .forEach((variable, value) -> environment.put(variable, String.valueOf(value)));
    List<String> test = Compose.texts(Compose.map(source.get("healthcheck")).get("test"));
    return new ComposeService(
        name,
        Compose.texts(source.get("command")),
        Map.copyOf(environment),
        Compose.texts(source.get("secrets")),
        List.copyOf(Compose.map(source.get("depends_on")).keySet()),
        test.isEmpty() ? test : test.subList(1, test.size()),
        source);
  }

  /** Whether it runs the project's own image. */
  public boolean isOurs() {
    return source.containsKey("build");
  }

  /** The port at which it tells its health: the last argument of the check. */
  public int healthPort() {
    return Integer.parseInt(healthCheck.getLast());
  }
}
