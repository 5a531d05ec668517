package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of promises names tests that exist and breaks that still can be made. */
class PromisesTest {
  private static final Path PAGE = Commands.ROOT.resolve("docs/promises.md");
  private static final Path BREAKS = Commands.ROOT.resolve("acceptance/mutants");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final Pattern BREAK = Pattern.compile("`([a-z]+(?:-[a-z]+)+)`");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+)[ .|].*$");

  @Test
  void everyPromiseNamesTestsAndBreaksThatExist() throws IOException {
    String page = Files.readString(PAGE);
    Map<Integer, String> rows = new TreeMap<>();
    Matcher row = ROW.matcher(page);
    while (row.find()) {
      rows.merge(Integer.valueOf(row.group(1)), row.group(), String::concat);
    }
    assertThat(rows.keySet()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    rows.forEach((number, text) -> {
      assertThat(names(TEST, text)).as("tests of promise %d", number).isNotEmpty();
      assertThat(names(BREAK, text)).as("breaks of promise %d", number).isNotEmpty();
    });
    Matcher test = TEST.matcher(page);
    while (test.find()) {
      assertExists(test.group(1), test.group(2));
    }
    assertThat(names(BREAK, page)).containsExactlyElementsOf(breaks().keySet());
  }

  @Test
  void everyBreakFitsTheSourceAndNamesATestThatExists() throws IOException {
    for (var each : breaks().entrySet()) {
      String patch = each.getValue();
      Matcher test = Pattern.compile("(?m)^Test: [a-z-]+ (\\w+)#(\\w+)$").matcher(patch);
      assertThat(test.find()).as(each.getKey()).isTrue();
      assertExists(test.group(1), test.group(2));
      assertThat(patch).as(each.getKey()).contains("\nBreak: ").startsWith("Promise: ");
      for (Hunk hunk : hunks(patch)) {
        assertThat(Files.readString(Commands.ROOT.resolve(hunk.file())))
            .as("%s: make the patch anew", each.getKey())
            .contains(hunk.before());
      }
    }
  }

  private record Hunk(String file, String before) {}

  private static List<Hunk> hunks(String patch) {
    List<Hunk> hunks = new ArrayList<>();
    String file = "";
    StringBuilder before = new StringBuilder();
    for (String line : (patch + "\n@@").lines().toList()) {
      if (line.startsWith("@@") || line.startsWith("--- a/")) {
        if (!before.isEmpty()) {
          hunks.add(new Hunk(file, before.toString()));
          before.setLength(0);
        }
        file = line.startsWith("---") ? line.substring("--- a/".length()) : file;
      } else if (!file.isEmpty() && (line.startsWith(" ") || line.startsWith("-"))) {
        before.append(line, 1, line.length()).append('\n');
      }
    }
    assertThat(hunks).isNotEmpty();
    return hunks;
  }

  private static Map<String, String> breaks() throws IOException {
    Map<String, String> breaks = new TreeMap<>();
    try (Stream<Path> files = Files.list(BREAKS)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".patch")).toList()) {
        String name = file.getFileName().toString();
        breaks.put(name.substring(0, name.length() - ".patch".length()), Files.readString(file));
      }
    }
    return breaks;
  }

  private static Set<String> names(Pattern pattern, String text) {
    Set<String> names = new TreeSet<>();
    pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).forEach(names::add);
    return names;
  }

  private static void assertExists(String type, String method) throws IOException {
    try (Stream<Path> modules = Files.list(Commands.ROOT)) {
      for (Path module : modules.filter(each -> Files.exists(each.resolve("pom.xml"))).toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests) && holds(tests, type, method)) {
          return;
        }
      }
    }
    throw new AssertionError("there is no test " + type + "#" + method);
  }

  private static boolean holds(Path tests, String type, String method) throws IOException {
    try (Stream<Path> files = Files.walk(tests)) {
      for (Path file : files.filter(each -> each.endsWith(type + ".java")).toList()) {
        if (Files.readString(file).contains(" " + method + "(")) {
          return true;
        }
      }
      return false;
    }
  }
}
