package io.tributary.stream;

/**
 * A record to append once the effects that it tells of are committed.
 *
 * @param cause the input that it follows from
 * @param again whether its effect is from before, so that it may have been appended then
 */
public record Output(String topic, String key, byte[] value, InputRecord cause, boolean again) {
  /** Something new. */
  public Output(String topic, String key, byte[] value, InputRecord cause) {
    this(topic, key, value, cause, false);
  }

  Output saidAgain() {
    return new Output(topic, key, value, cause, true);
  }
}
