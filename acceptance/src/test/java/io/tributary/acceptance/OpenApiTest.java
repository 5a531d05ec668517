package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.demo.Api;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The API's description is part of the repository; run with {@code -Dopenapi.write=true} after a
 * change that is meant.
 */
class OpenApiTest {
  private static final Path CHECKED_IN = Commands.ROOT.resolve("docs/openapi.json");

  @Test
  void whatIsServedIsWhatIsCheckedIn() throws Exception {
    JsonNode served = Product.shared().description();
    assertThat(served.path("openapi").asString()).startsWith("3.1");
    assertThat(served.path("paths").size()).isGreaterThan(20);
    String pretty =
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(served)
            + "\n";
    if (Boolean.getBoolean("openapi.write")) {
      Files.writeString(CHECKED_IN, pretty);
    }
    assertThat(Api.MAPPER.readTree(Files.readString(CHECKED_IN))).isEqualTo(served);
  }
}
