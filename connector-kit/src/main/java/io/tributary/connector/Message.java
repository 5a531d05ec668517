package io.tributary.connector;

/**
 * Something to deliver.
 *
 * @param id the same whenever the same thing is delivered again
 * @param person whom it's about: a profile's id
 * @param type such as {@code event} or {@code segment.entered}
 * @param json an object with {@code type}, {@code timestamp} and {@code data}: what a webhook would
 *     be sent
 */
public record Message(String id, String person, String type, String json) {
  /** Neither whom it's about nor what it says. */
  @Override
  public String toString() {
    return "Message[" + id + "]";
  }
}
