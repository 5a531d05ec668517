package io.tributary.ingestion.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import java.util.List;
import java.util.stream.Collectors;

/** Plans for tests, written with apostrophes for quotes. */
public final class Plans {
  private Plans() {}

  /** Version 3 of the plan pln_1 with these events. */
  public static Plan plan(String events, String unplanned) {
    return plan("{'events':[" + events + "],'unplannedEvents':'" + unplanned + "'}");
  }

  static Plan plan(String document) {
    return switch (compile(document)) {
      case Compiled.Valid(Plan plan) -> plan;
      case Compiled.Invalid(List<Fault> faults) -> throw new AssertionError(faults.toString());
    };
  }

  static Compiled compile(String document) {
    return PlanCompiler.compile(
        "pln_1", 3, Json.MAPPER.readValue(document.replace('\'', '"'), PlanDocument.class));
  }

  /** What is wrong with the schema of an only event: pointer, blank, code. */
  static List<String> schemaFaults(String schema) {
    Compiled compiled = compile("{'events':[{'event':'E','schema':" + schema + "}]}");
    assertThat(compiled).isInstanceOf(Compiled.Invalid.class);
    return ((Compiled.Invalid) compiled)
        .faults().stream()
            .map(fault -> fault.path().replace("events[0].schema", "") + " " + fault.code())
            .collect(Collectors.toList());
  }
}
