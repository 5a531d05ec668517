package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that docs/security.md names is there, and is one. */
class SecurityPageTest {
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");

  @Test
  void everyTestThatThePageNamesExists() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.find(Commands.ROOT, 12, (file, about) -> isTest(file))) {
      for (Path file : files.toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    Matcher named = NAMED.matcher(Files.readString(Commands.ROOT.resolve("docs/security.md")));
    List<String> missing = new ArrayList<>();
    int count = 0;
    while (named.find()) {
      count++;
      String source = sources.getOrDefault(named.group(1), "");
      String method = "@(?:Test|ParameterizedTest)\\b.{0,6000}?\\bvoid " + named.group(2) + "\\(";
      if (!Pattern.compile(method, Pattern.DOTALL).matcher(source).find()) {
        missing.add(named.group());
      }
    }
    assertThat(missing).isEmpty();
    assertThat(count).isGreaterThan(30);
  }

  private static boolean isTest(Path file) {
    return file.toString().contains("/src/test/java/") && file.toString().endsWith("Test.java");
  }
}
