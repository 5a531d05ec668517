package io.tributary.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * No library of the product, as its own bill of materials lists them, is older than the one that
 * mends a fault we know of. It knows what advisories.csv knows and asks nobody else.
 */
class AdvisoriesTest {
  private static final String MATERIALS = "/META-INF/sbom/application.cdx.json";

  @Test
  void noLibraryIsOlderThanTheOneThatMendsAKnownFault() throws IOException {
    assumeThat(AdvisoriesTest.class.getResource(MATERIALS))
        .as("Maven makes the bill of materials only when it isn't offline")
        .isNotNull();
    Map<String, List<String>> shipped = shipped();
    List<String> bad = new ArrayList<>();
    int known = 0;
    for (String line : advisories()) {
      String[] parts = line.split(",", 3);
      for (String version : shipped.getOrDefault(parts[0], List.of())) {
        known++;
        if (Arrays.compare(numbers(version), numbers(parts[1])) < 0) {
          bad.add(parts[0] + " " + version + ": " + parts[2]);
        }
      }
    }
    assertThat(bad).isEmpty();
    assertThat(shipped).hasSizeGreaterThan(100);
    assertThat(known).as("libraries that the list speaks of").isGreaterThan(10);
  }

  @Test
  void versionsAreComparedByTheirNumbers() {
    assertThat(Arrays.compare(numbers("42.7.9"), numbers("42.7.12"))).isNegative();
    assertThat(Arrays.compare(numbers("4.2.1"), numbers("4.2"))).isPositive();
    assertThat(Arrays.compare(numbers("7.4.13.Final"), numbers("7.4.13"))).isZero();
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("[.-]"))
        .takeWhile(part -> part.matches("\\d{1,9}"))
        .mapToInt(Integer::parseInt)
        .toArray();
  }

  private static Map<String, List<String>> shipped() throws IOException {
    Map<String, List<String>> versions = new TreeMap<>();
    try (InputStream in = resource(MATERIALS)) {
      for (JsonNode part : JsonMapper.builder().build().readTree(in).path("components")) {
        versions
            .computeIfAbsent(
                part.path("group").asString() + ":" + part.path("name").asString(),
                _ -> new ArrayList<>())
            .add(part.path("version").asString());
      }
    }
    return versions;
  }

  private static List<String> advisories() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(resource("/advisories.csv"), StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(AdvisoriesTest.class.getResourceAsStream(name), name);
  }
}
