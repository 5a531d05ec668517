package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The commands in README and docs do what the text around them says. A block marked {@code ```sh
 * test} is run, all blocks of a page one after another in one shell, with the addresses and keys of
 * a running server in the variables that the pages use; each command must succeed, and the lines of
 * a following {@code ```output} block must appear in what was printed.
 */
class DocsTest {
  private static final Pattern BLOCK =
      Pattern.compile("```(sh test|output)\\n(.*?)```", Pattern.DOTALL);

  @TestFactory
  List<DynamicTest> theCommandsOfEveryPageWork() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Commands.ROOT.resolve("README.md")));
    try (Stream<Path> files = Files.walk(Commands.ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages) {
      if (Files.readString(page).contains("```sh test")) {
        String name = Commands.ROOT.relativize(page).toString();
        tests.add(DynamicTest.dynamicTest(name, () -> run(page)));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void run(Path page) throws IOException {
    Product product = Product.shared();
    StringBuilder script = new StringBuilder("set -euo pipefail\n");
    List<String> expected = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(page));
    while (block.find()) {
      if (block.group(1).equals("output")) {
        block.group(2).lines().filter(line -> !line.isBlank()).forEach(expected::add);
      } else {
        script.append(block.group(2));
      }
    }
    Commands.Result result =
        Commands.run(
            Commands.ROOT,
            Duration.ofMinutes(3),
            Map.ofEntries(
                Map.entry("HOOK", Product.HOOK),
                Map.entry("PG_PORT", String.valueOf(Product.tables().getPort())),
                Map.entry("PG_DATABASE", Product.tables().getPath().substring(1)),
                Map.entry("PG_USER", Product.TABLES.user()),
                Map.entry("PG_PASSWORD", Product.TABLES.password()),
                Map.entry("LINES", Product.lines(product.data).toString()),
                Map.entry("COLLECTOR", product.collectorUrl()),
                Map.entry("API", product.apiUrl()),
                Map.entry("WRITE_KEY", product.writeKey()),
                Map.entry("TOKEN", product.apiToken()),
                Map.entry("DATA", product.data.toString())),
            List.of("bash", "-s"),
            script.toString());
    assertThat(result.status()).as(result.output()).isZero();
    for (String line : expected) {
      assertThat(result.output()).contains(line.strip());
    }
  }
}
