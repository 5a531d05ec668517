package io.tributary.stream;

/**
 * A record to append once the effects that it tells of are committed.
 *
 * @param cause the input that it follows from
 */
public record Output(String topic, String key, byte[] value, InputRecord cause) {}
