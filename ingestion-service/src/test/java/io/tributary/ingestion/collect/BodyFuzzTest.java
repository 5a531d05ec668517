package io.tributary.ingestion.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.event.EventType;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.testing.Fuzz;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

/** What reaches the collector beside plain JSON: packed bodies and the parameters of the pixel. */
class BodyFuzzTest {
  @Test
  void aPackedBodyIsReadOrRefused() {
    Fuzz.run(
        "gzip",
        input -> {
          MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/batch");
          request.addHeader("Content-Encoding", "gzip");
          request.setContent(input);
          try (InFlight.Share share = new InFlight(64L << 20).share()) {
            read(Body.read(request, share));
          } catch (RefusedException e) {
            assertThat(e.answer().status()).isIn(400, 413, 429);
          }
        });
  }

  @Test
  void theParametersOfThePixelAreReadOrRefused() {
    Fuzz.run(
        "pixel",
        input -> {
          try {
            read(Pixel.body(Pixel.parameters(new String(input, UTF_8))));
          } catch (IllegalArgumentException e) {
            assertThat(e).isNotInstanceOf(NumberFormatException.class);
          }
        });
  }

  private static void read(byte[] body) {
    Reading reading = CollectRequest.read(body, Call.of(EventType.TRACK));
    if (reading instanceof Reading.Illegible illegible) {
      assertThat(illegible.code()).isNotBlank();
    }
  }
}
