package io.tributary.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.Fuzz;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Records of topics: read whole, and then written as they were, or malformed. */
class RecordFuzzTest {
  @Test
  void aRecordIsReadOrMalformedAndNothingElse() {
    Fuzz.run(
        "records",
        input -> {
          read(input, CollectedEvent::decode, event -> event.json().toBytes());
          read(input, IdentityRecord::decode, IdentityRecord::encode);
          read(input, ProfileChange::decode, ProfileChange::encode);
          read(input, SegmentChange::decode, SegmentChange::encode);
        });
  }

  /** What is written can be read again, and is written the same way again. */
  private static <R> void read(
      byte[] input, Function<byte[], R> decode, Function<R, byte[]> encode) {
    R record;
    try {
      record = decode.apply(input);
    } catch (MalformedRecordException e) {
      assertThat(String.valueOf(e.getMessage())).doesNotContain("\u0000").hasSizeLessThan(1_000);
      return;
    }
    byte[] written = encode.apply(record);
    assertThat(encode.apply(decode.apply(written))).isEqualTo(written);
  }
}
