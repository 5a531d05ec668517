package io.tributary.ingestion.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.Json;
import io.tributary.web.Faults;
import io.tributary.web.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Transformations as tests write them: JSON with apostrophes for quotes. */
public final class Transformations {
  private static final HashKey KEY = new HashKey("k".repeat(32).getBytes(StandardCharsets.UTF_8));

  private Transformations() {}

  /** A transformation of these steps, version 7. */
  public static Transformation of(String steps) {
    Faults faults = new Faults();
    Optional<Transformation> read = read(steps, faults);
    assertThat(faults.list()).isEmpty();
    return read.orElseThrow();
  }

  /** Path and code of each fault of these steps. */
  static List<String> faults(String steps) {
    Faults faults = new Faults();
    read(steps, faults);
    return faults.list().stream().map(Transformations::said).toList();
  }

  private static String said(Problem.Fault fault) {
    return fault.path() + " " + fault.code();
  }

  private static Optional<Transformation> read(String steps, Faults faults) {
    String document = "{'steps':[" + steps + "]}";
    return new TransformationReader(faults, new Means(Optional.of(KEY), Locations.none()))
        .read(7, Json.MAPPER.readValue(document.replace('\'', '"'), TransformationDocument.class));
  }
}
