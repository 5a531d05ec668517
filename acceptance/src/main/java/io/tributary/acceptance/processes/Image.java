package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the last stage of a Dockerfile makes: which files of the project lie where, who runs, and
 * what is started.
 *
 * @param files path in the image, and what is copied there, relative to the project's root; in the
 *     order of the layers
 * @param workDirectory in the image
 * @param user number of the user and of the group, parted by a colon
 * @param entryPoint program and first arguments
 */
public record Image(
    Map<String, String> files, String workDirectory, String user, List<String> entryPoint) {

  private static final String SOURCE = "/source/";

  /** Reads the Dockerfile. */
  public static Image read(Path dockerfile) {
    Map<String, String> files = new LinkedHashMap<>();
    Map<String, String> last = new LinkedHashMap<>();
    for (String line : lastStage(dockerfile)) {
      String[] words = line.split("\\s+");
      switch (words[0]) {
        case "COPY" -> {
          if (words.length != 4 || !words[2].startsWith(SOURCE)) {
            throw new IllegalArgumentException("not understood in " + dockerfile + ": " + line);
          }
          files.put(
              Path.of(last.getOrDefault("WORKDIR", "/")).resolve(words[3]).toString(),
              words[2].substring(SOURCE.length()));
        }
        default -> last.put(words[0], line.substring(words[0].length()).strip());
      }
    }
    return new Image(
        Collections.unmodifiableMap(files),
        last.getOrDefault("WORKDIR", "/"),
        last.getOrDefault("USER", "0:0"),
        strings(last.getOrDefault("ENTRYPOINT", "[]")));
  }

  /**
   * The command of a container, with the image's paths below another directory and this machine's
   * Java.
   */
  public List<String> command(Path below, List<String> arguments) {
    List<String> command = new ArrayList<>();
    for (String word : entryPoint) {
      command.add(word.replace(workDirectory + "/", below + workDirectory + "/"));
    }
    command.set(0, java(command.getFirst()));
    command.addAll(arguments);
    return List.copyOf(command);
  }

  /** Lays the image out below a directory, by links into the project. */
  public void link(Path root, Path below) {
    files.forEach((place, source) -> {
      Path link = Path.of(below + place);
      try {
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, built(root, source));
      } catch (IOException e) {
        throw new UncheckedIOException("linking " + link, e);
      }
    });
  }

  /** Lays the image out below a directory, as files that all can read and nobody can write. */
  public void copy(Path root, Path below) {
    files.forEach((place, source) -> copyTree(built(root, source), Path.of(below + place)));
    try (Stream<Path> copied = Files.walk(below)) {
      for (Path file : copied.toList()) {
        Files.setPosixFilePermissions(
            file,
            PosixFilePermissions.fromString(Files.isDirectory(file) ? "r-xr-xr-x" : "r--r--r--"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("closing " + below, e);
    }
  }

  private static Path built(Path root, String source) {
    Path file = root.resolve(source);
    if (!Files.exists(file)) {
      throw new IllegalStateException(
          file + " is missing. Build it with: mvn -pl deploy -am package -Dmaven.test.skip=true");
    }
    return file;
  }

  private static void copyTree(Path from, Path to) {
    try (Stream<Path> tree = Files.walk(from)) {
      Files.createDirectories(to.getParent());
      for (Path file : tree.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("copying " + from + " to " + to, e);
    }
  }

  private static String java(String program) {
    if (!program.equals("java")) {
      throw new IllegalArgumentException("the entry point isn't java but " + program);
    }
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Lines without comments, those that end with a backslash joined with the next. */
  private static List<String> lastStage(Path file) {
    try (Stream<String> all = Files.lines(file)) {
      String text =
          String.join("\n", all.filter(line -> !line.startsWith("#")).toList())
              .replace("\\\n", " ");
      List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
      int from = 0;
      for (int i = 0; i < lines.size(); i++) {
        from = lines.get(i).startsWith("FROM ") ? i : from;
      }
      return lines.subList(from, lines.size());
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /** A JSON array of texts without escapes, which is YAML as well. */
  private static List<String> strings(String json) {
    return Compose.texts(new org.yaml.snakeyaml.Yaml().load(json));
  }
}
