package io.tributary.segment.web;

import io.tributary.event.Json;
import io.tributary.segment.store.SegmentReader;
import io.tributary.web.CsvCell;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The lines of an export. */
final class MemberLines {
  private MemberLines() {}

  static String ndjson(SegmentReader.Member member, List<String> names, JsonNode traits) {
    ObjectNode line =
        Json.MAPPER
            .createObjectNode()
            .put("profileId", member.profileId().toString())
            .put("since", member.since().toString());
    if (!names.isEmpty()) {
      ObjectNode chosen = line.putObject("traits");
      names.stream().filter(traits::has).forEach(name -> chosen.set(name, traits.get(name)));
    }
    return Json.MAPPER.writeValueAsString(line) + "\n";
  }

  static String csvHeader(List<String> names) {
    StringBuilder line = new StringBuilder("profileId,since");
    names.forEach(name -> line.append(',').append(CsvCell.of(name)));
    return line.append("\r\n").toString();
  }

  static String csv(SegmentReader.Member member, List<String> names, JsonNode traits) {
    StringBuilder line =
        new StringBuilder().append(member.profileId()).append(',').append(member.since());
    for (String name : names) {
      JsonNode value = traits.get(name);
      line.append(',').append(value == null || value.isNull() ? "" : cell(value));
    }
    return line.append("\r\n").toString();
  }

  private static String cell(JsonNode value) {
    // A number can't be a formula; a text that looks like one can.
    return value.isNumber()
        ? value.toString()
        : CsvCell.of(value.isString() ? value.stringValue() : value.toString());
  }
}
