package io.tributary.acceptance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Finds Chromium; as root on a Debian without one, installs it. */
final class Chromium {
  private Chromium() {}

  static synchronized String path() {
    if (find().isEmpty()
        && System.getProperty("user.name").equals("root")
        && Commands.exists("apt-get")) {
      Commands.run(
              Commands.ROOT,
              Duration.ofMinutes(8),
              Map.of("DEBIAN_FRONTEND", "noninteractive"),
              List.of(
                  "sh",
                  "-c",
                  "apt-get update -q && apt-get install -y -q --no-install-recommends chromium"))
          .expectSuccess();
    }
    String found = find();
    if (found.isEmpty()) {
      throw new AssertionError(
          "The browser tests need Chromium: install it (on Debian: apt install chromium) or set CHROMIUM to its program.");
    }
    return found;
  }

  private static String find() {
    String set = System.getenv().getOrDefault("CHROMIUM", "");
    return List.of(set, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .stream()
        .filter(candidate -> !candidate.isEmpty() && Files.isExecutable(Path.of(candidate)))
        .findFirst()
        .orElse("");
  }
}
