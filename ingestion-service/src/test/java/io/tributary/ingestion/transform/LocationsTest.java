package io.tributary.ingestion.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Where addresses are, by a file in MaxMind's format that the test writes. */
class LocationsTest {
  private static final byte[] NETWORK = {(byte) 203, 0, 113};

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'ip':'203.0.113.77'} | {'ip':'203.0.113.77','location':{'country':'DE','region':'BE','city':'Berlin'}}",
        "{'ip':'203.0.113.77','location':{'city':'Paris'}} | {'ip':'203.0.113.77','location':{'city':'Paris','country':'DE','region':'BE'}}",
        "{'ip':'203.0.113.77','location':'here'} | {'ip':'203.0.113.77','location':'here'}",
        "{'ip':'198.51.100.1'} | {'ip':'198.51.100.1'}",
        "{'ip':7} | {'ip':7}",
        "{} | {}"
      })
  void anAddressIsLocatedByTheFile(String before, String after) throws IOException {
    ObjectNode event = event(before);
    assertThat(Locations.in(file()).apply(event)).isEmpty();
    assertThat(event.get("context").toString().replace('"', '\'')).isEqualTo(after);
  }

  @Test
  void withoutAFileOrAnAddressThatIsAProblemAndNoMore() throws IOException {
    ObjectNode event = event("{'ip':'203.0.113.77'}");
    assertThat(Locations.none().apply(event)).isPresent();
    assertThat(Locations.in(directory.resolve("missing")).apply(event)).isPresent();
    Path broken = directory.resolve("broken");
    Files.writeString(broken, "no database");
    assertThat(Locations.in(broken).apply(event)).isPresent();
    ObjectNode odd = event("{'ip':'ada.example.com'}");
    assertThat(Locations.in(file()).apply(odd)).isPresent();
    assertThat(odd.toString()).isEqualTo("{\"context\":{\"ip\":\"ada.example.com\"}}");
  }

  private static ObjectNode event(String context) {
    return (ObjectNode) Json.MAPPER.readTree(("{'context':" + context + "}").replace('\'', '"'));
  }

  private Path file() throws IOException {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("country", Map.of("iso_code", "DE"));
    record.put("subdivisions", List.of(Map.of("iso_code", "BE")));
    record.put("city", Map.of("names", Map.of("en", "Berlin")));
    return Files.write(directory.resolve("cities.mmdb"), database(record));
  }

  /**
   * The file format, version 2.0: a tree of bits of which one path leads to the record, the record,
   * and what describes the file. Source: maxmind.github.io/MaxMind-DB.
   */
  private static byte[] database(Map<String, Object> record) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int nodes = NETWORK.length * 8;
    for (int node = 0; node < nodes; node++) {
      int bit = (NETWORK[node / 8] >> (7 - node % 8)) & 1;
      int next = node + 1 < nodes ? node + 1 : nodes + 16; // the record begins behind 16 zeros
      record24(out, bit == 0 ? next : nodes);
      record24(out, bit == 1 ? next : nodes);
    }
    out.writeBytes(new byte[16]);
    value(out, record);
    out.writeBytes(new byte[] {(byte) 0xab, (byte) 0xcd, (byte) 0xef});
    out.writeBytes("MaxMind.com".getBytes(StandardCharsets.US_ASCII));
    Map<String, Object> meta = new LinkedHashMap<>();
    meta.put("node_count", (long) nodes);
    meta.put("record_size", 24);
    meta.put("ip_version", 4);
    meta.put("database_type", "Test");
    meta.put("languages", List.of("en"));
    meta.put("binary_format_major_version", 2);
    meta.put("binary_format_minor_version", 0);
    meta.put("build_epoch", BigInteger.ONE);
    meta.put("description", Map.of("en", "test"));
    value(out, meta);
    return out.toByteArray();
  }

  private static void record24(ByteArrayOutputStream out, int value) {
    out.write(value >> 16);
    out.write(value >> 8);
    out.write(value);
  }

  private static void value(ByteArrayOutputStream out, Object value) {
    switch (value) {
      case String text -> {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        control(out, 2, bytes.length);
        out.writeBytes(bytes);
      }
      case Integer number -> number(out, 5, 2, number);
      case Long number -> number(out, 6, 4, number);
      case BigInteger number -> number(out, 9, 8, number.longValueExact());
      case Map<?, ?> map -> {
        control(out, 7, map.size());
        map.forEach((key, each) -> {
          value(out, key);
          value(out, each);
        });
      }
      case List<?> list -> {
        control(out, 11, list.size());
        list.forEach(each -> value(out, each));
      }
      default -> throw new IllegalArgumentException(value.getClass().getName());
    }
  }

  private static void number(ByteArrayOutputStream out, int type, int size, long number) {
    control(out, type, size);
    for (int i = size - 1; i >= 0; i--) {
      out.write((int) (number >> (8 * i)));
    }
  }

  /** Types above 7 are extended: the type less 7 follows. Sizes below 29 only. */
  private static void control(ByteArrayOutputStream out, int type, int size) {
    if (type <= 7) {
      out.write(type << 5 | size);
    } else {
      out.write(size);
      out.write(type - 7);
    }
  }
}
