package io.tributary.connector.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.connector.Connector;
import io.tributary.connector.Message;
import io.tributary.connector.Outcome;
import io.tributary.connector.Outlet;
import io.tributary.connector.contract.ConnectorContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinesConnectorTest extends ConnectorContract {
  @TempDir Path directory;

  @Override
  protected Connector connector() {
    return new LinesConnector(directory);
  }

  @Override
  protected Map<String, String> settings() {
    return Map.of("file", "orders");
  }

  @Override
  protected List<String> arrived() throws Exception {
    return Files.readAllLines(directory.resolve("orders.ndjson")).stream()
        .map(line -> line.substring(7, line.indexOf('"', 7)))
        .toList();
  }

  /** A file stands where the directory should. */
  @Override
  protected void vanish() throws Exception {
    Files.delete(directory);
    Files.createFile(directory);
  }

  @Test
  void whatWasHalfWrittenSpoilsNothingBehindIt() throws Exception {
    Files.writeString(directory.resolve("orders.ndjson"), "{\"id\":\"m1\",\"mess");
    try (Outlet outlet = connector().open(settings(), "")) {
      assertThat(outlet.deliver(List.of(new Message("m1", "prf_1", "event", "{}"))))
          .containsExactly(new Outcome.Delivered());
    }
    assertThat(Files.readAllLines(directory.resolve("orders.ndjson")))
        .hasSize(2)
        .last()
        .isEqualTo("{\"id\":\"m1\",\"message\":{}}");
  }
}
