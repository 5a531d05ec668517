package io.tributary.standalone;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line and the environment say; an option wins over its variable.
 *
 * @param command the first word
 * @param data the data directory
 * @param collectorPort where sources post; 0 takes any free one
 * @param apiPort of the management API; 0 takes any free one
 * @param backup the directory of a backup, where one is named
 * @param log what became of Kafka's log, for restore and restored
 * @param environment the process environment
 */
record Options(
    Command command,
    Path data,
    int collectorPort,
    int apiPort,
    Optional<Path> backup,
    RestoredLog log,
    Map<String, String> environment) {

  /** What a restore finds of Kafka's log. */
  enum RestoredLog {
    /** It's lost, too, and comes from the backup. */
    LOST,
    /** It's there; only Postgres comes from the backup. */
    KEPT,
    /** It's gone for good, and an empty one takes its place; Postgres is as it was. */
    NEW
  }

  /** What the command can be asked to do. */
  enum Command {
    START,
    STOP,
    STATUS,
    DOCTOR,
    BACKUP,
    RESTORE,
    RESTORED
  }

  static final String COLLECTOR_PORT = "TRIBUTARY_COLLECTOR_PORT";
  static final String API_PORT = "TRIBUTARY_API_PORT";

  private static final String BACKUP = "--to";
  private static final Map<String, RestoredLog> LOGS =
      Map.of("--keep-log", RestoredLog.KEPT, "--new-log", RestoredLog.NEW);

  private static final Map<String, String> VARIABLES =
      Map.of(
          "--data", "TRIBUTARY_DATA",
          "--collector-port", COLLECTOR_PORT,
          "--api-port", API_PORT,
          "--to", BACKUP,
          "--from", BACKUP);
  private static final int MAX_PORT = 65_535;

  Options {
    environment = Map.copyOf(environment);
  }

  static Options parse(String[] arguments, Map<String, String> environment) {
    if (arguments.length == 0) {
      throw new RefusedException(
          "Say what to do: start, stop, status, doctor, backup, restore or restored.");
    }
    if (Boolean.parseBoolean(environment.get("TRIBUTARY_TLS_HTTP"))) {
      // Ignoring it would be worse: somebody relies on it.
      throw new RefusedException(
          "TRIBUTARY_TLS_HTTP is for separate processes. In one process leave it out, and put a"
              + " proxy with your certificate in front of the two ports.");
    }
    Map<String, String> given = new HashMap<>(environment);
    Iterator<String> rest = List.of(arguments).subList(1, arguments.length).iterator();
    while (rest.hasNext()) {
      readOption(rest.next(), rest, given);
    }
    return new Options(
        command(arguments[0]),
        Path.of(given.getOrDefault("TRIBUTARY_DATA", "data")).toAbsolutePath().normalize(),
        port("--collector-port", given.getOrDefault(COLLECTOR_PORT, "8070")),
        port("--api-port", given.getOrDefault(API_PORT, "8080")),
        Optional.ofNullable(given.get(BACKUP))
            .map(text -> Path.of(text).toAbsolutePath().normalize()),
        log(given),
        environment);
  }

  private static void readOption(
      String argument, Iterator<String> rest, Map<String, String> given) {
    int equals = argument.indexOf('=');
    String name = equals < 0 ? argument : argument.substring(0, equals);
    if (LOGS.containsKey(argument)) {
      given.put(argument, "");
      return;
    }
    String variable = VARIABLES.get(name);
    if (variable == null) {
      throw new RefusedException(
          "Unknown option "
              + argument
              + ". Known: --data DIR, --collector-port N, --api-port N, --detach; for a backup --to DIR, for a restore"
              + " --from DIR and --keep-log, for restored --keep-log or --new-log.");
    }
    if (equals < 0 && !rest.hasNext()) {
      throw new RefusedException("Option " + name + " needs a value.");
    }
    given.put(variable, equals < 0 ? rest.next() : argument.substring(equals + 1));
  }

  private static RestoredLog log(Map<String, String> given) {
    List<RestoredLog> named =
        LOGS.entrySet().stream()
            .filter(option -> given.containsKey(option.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    if (named.size() > 1) {
      throw new RefusedException("--keep-log and --new-log exclude each other.");
    }
    return named.isEmpty() ? RestoredLog.LOST : named.getFirst();
  }

  private static Command command(String word) {
    return Arrays.stream(Command.values())
        .filter(command -> command.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(() ->
            new RefusedException(
                "Unknown command "
                    + word
                    + ". Known: start, stop, status, doctor, backup, restore, restored."));
  }

  private static int port(String option, String text) {
    try {
      int port = Integer.parseInt(text.strip());
      if (port >= 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // said below, together with numbers out of range
    }
    throw new RefusedException(
        option + " must be a number from 0 to " + MAX_PORT + ", not " + text + ".");
  }

  /** The same with further variables, which win over those that are there. */
  Options with(Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(variables);
    return new Options(command, data, collectorPort, apiPort, backup, log, all);
  }

  /** A variable that is set to something. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** A port variable of the embedded servers; 0, any free one, when it isn't set. */
  int portVariable(String name) {
    return variable(name).map(text -> port(name, text)).orElse(0);
  }
}
