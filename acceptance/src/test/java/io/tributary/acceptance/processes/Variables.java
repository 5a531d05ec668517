package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which variables of the environment the project reads, and which its manual names. */
final class Variables {

  /** As in YAML, in Logback's files, in texts that Spring fills in, and in shells. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(TRIBUTARY_[A-Z0-9_]+)");

  /** A name that stands for itself; one within a message doesn't. */
  private static final Pattern LITERAL = Pattern.compile("\"(TRIBUTARY_[A-Z0-9_]+)\"");

  /** A name, or the last word of one whose beginning stands before it in the same line. */
  private static final Pattern NAMED = Pattern.compile("(TRIBUTARY|(?<=`))((?:_[A-Z0-9]+)+)\\b");

  /** A name with what it stands for when nobody sets it. */
  private static final Pattern DEFAULT = Pattern.compile("\\$\\{(TRIBUTARY_[A-Z0-9_]+):-?([^}]*)}");

  private Variables() {}

  /** Those that a service reads, by its own sources or by what all share. */
  static Set<String> readByService(Path root, String service) {
    Set<String> all = readByModule(module(root, service));
    all.addAll(readByModule(root.resolve("common")));
    return all;
  }

  /** The defaults that a file gives to variables. */
  static Map<String, Set<String>> defaultsIn(Path file) {
    Map<String, Set<String>> all = new TreeMap<>();
    DEFAULT
        .matcher(text(file))
        .results()
        .forEach(found ->
            all.computeIfAbsent(found.group(1), name -> new TreeSet<>()).add(found.group(2)));
    return all;
  }

  /** The defaults that a service gives to variables, by its own sources or by what all share. */
  static Map<String, Set<String>> defaultsOfService(Path root, String service) {
    Map<String, Set<String>> all = new TreeMap<>();
    for (Path module : List.of(module(root, service), root.resolve("common"))) {
      for (Path file : sources(module)) {
        defaultsIn(file)
            .forEach((variable, values) ->
                all.computeIfAbsent(variable, name -> new TreeSet<>()).addAll(values));
      }
    }
    return all;
  }

  /** Those that anything reads which an operator runs. */
  static Set<String> readByAnything(Path root) {
    Set<String> all = new TreeSet<>();
    try (Stream<Path> folders = Files.list(root)) {
      folders
          .filter(folder -> Files.exists(folder.resolve("src/main")))
          .forEach(module -> all.addAll(readByModule(module)));
    } catch (IOException e) {
      throw new UncheckedIOException("looking for modules in " + root, e);
    }
    all.addAll(readByFile(root.resolve("tributary")));
    all.addAll(readByFile(root.resolve("docker-compose.yml")));
    return all;
  }

  /** Those that a file reads. */
  static Set<String> readByFile(Path file) {
    String text = text(file);
    Set<String> all = named(PLACEHOLDER, text);
    if (file.toString().endsWith(".java")) {
      all.addAll(named(LITERAL, text));
    }
    return all;
  }

  /** Those that a page names; {@code `TRIBUTARY_A_B`, `_C`} names two. */
  static Set<String> namedBy(Path page) {
    Set<String> all = new TreeSet<>();
    for (String line : text(page).lines().toList()) {
      String last = "";
      Matcher matcher = NAMED.matcher(line);
      while (matcher.find()) {
        if (!matcher.group(1).isEmpty()) {
          last = matcher.group();
          all.add(last);
        } else if (!last.isEmpty()) {
          all.add(last.substring(0, last.lastIndexOf('_')) + matcher.group(2));
        }
      }
    }
    return all;
  }

  private static Path module(Path root, String service) {
    Path module = root.resolve(service + "-service");
    return Files.exists(module) ? module : root.resolve(service);
  }

  private static Set<String> readByModule(Path module) {
    Set<String> all = new TreeSet<>();
    sources(module).forEach(file -> all.addAll(readByFile(file)));
    return all;
  }

  private static List<Path> sources(Path module) {
    try (Stream<Path> files = Files.walk(module.resolve("src/main"))) {
      return files.filter(file -> file.toString().matches(".*\\.(java|yml|xml)")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("reading the sources of " + module, e);
    }
  }

  private static Set<String> named(Pattern pattern, String text) {
    Set<String> all = new TreeSet<>();
    pattern.matcher(text).results().forEach(found -> all.add(found.group(1)));
    return all;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }
}
