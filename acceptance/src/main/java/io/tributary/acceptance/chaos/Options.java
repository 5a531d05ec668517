package io.tributary.acceptance.chaos;

import io.tributary.acceptance.processes.SeparateProcesses;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What the command line says.
 *
 * @param root the project
 * @param data an empty directory for everything that the run makes
 * @param minutes of rounds, for all shapes together
 * @param rounds at most, in each shape
 * @param clients that post at the same time
 * @param services that upgrades replace
 * @param old a project of an earlier version, built, that upgrades begin with
 * @param json where the figures go
 */
record Options(
    Path root,
    Path data,
    double minutes,
    int rounds,
    int clients,
    long seed,
    List<Shape> shapes,
    List<Fault> faults,
    List<String> services,
    Optional<Path> old,
    Optional<Path> json) {

  /** A sentence about what can't be understood. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String sentence) {
      super(sentence);
    }
  }

  /** Reads {@code --name value} pairs; without a seed, {@code otherwise} is taken. */
  static Options of(String[] arguments, long otherwise) throws Refused {
    Path root = Path.of("");
    Path data = Path.of("chaos-data");
    double minutes = 60;
    int rounds = Integer.MAX_VALUE;
    int clients = 4;
    long seed = otherwise;
    List<Shape> shapes = List.of(Shape.ONE_PROCESS);
    List<Fault> faults = List.of(Fault.values());
    List<String> services = SeparateProcesses.SERVICES;
    Optional<Path> old = Optional.empty();
    Optional<Path> json = Optional.empty();
    for (int i = 0; i < arguments.length; i += 2) {
      String name = arguments[i];
      if (i + 1 == arguments.length) {
        throw new Refused(name + " needs a value.");
      }
      String value = arguments[i + 1];
      try {
        switch (name) {
          case "--root" -> root = Path.of(value);
          case "--data" -> data = Path.of(value);
          case "--minutes" -> minutes = Double.parseDouble(value);
          case "--rounds" -> rounds = Integer.parseInt(value);
          case "--clients" -> clients = Integer.parseInt(value);
          case "--seed" -> seed = Long.parseLong(value);
          case "--shape" -> shapes = shapes(value);
          case "--faults" -> faults = faults(value);
          case "--services" -> services = services(value);
          case "--old" -> old = Optional.of(Path.of(value).toAbsolutePath().normalize());
          case "--json" -> json = Optional.of(Path.of(value));
          default -> throw new Refused("There's no option " + name + ".");
        }
      } catch (NumberFormatException e) {
        throw new Refused(name + " takes a number, not " + value + ".");
      }
    }
    return new Options(
        root.toAbsolutePath().normalize(),
        data.toAbsolutePath().normalize(),
        minutes,
        rounds,
        clients,
        seed,
        shapes,
        faults,
        services,
        old,
        json);
  }

  private static List<Shape> shapes(String value) throws Refused {
    if (value.equals("both")) {
      return List.of(Shape.values());
    }
    return Arrays.stream(Shape.values())
        .filter(shape -> shape.word().equals(value))
        .findFirst()
        .map(List::of)
        .orElseThrow(() -> new Refused("--shape takes one, separate or both, not " + value + "."));
  }

  private static List<String> services(String value) throws Refused {
    List<String> services = Arrays.stream(value.split(",")).map(String::strip).toList();
    if (!SeparateProcesses.SERVICES.containsAll(services)) {
      throw new Refused(
          "--services takes some of %s, not %s."
              .formatted(String.join(",", SeparateProcesses.SERVICES), value));
    }
    return services;
  }

  private static List<Fault> faults(String value) throws Refused {
    try {
      return Arrays.stream(value.split(","))
          .map(name ->
              Fault.valueOf(name.strip().toUpperCase(java.util.Locale.ROOT).replace('-', '_')))
          .toList();
    } catch (IllegalArgumentException e) {
      throw new Refused("--faults takes names of faults such as kill-process, not " + value + ".");
    }
  }
}
