package io.tributary.ingestion.accept;

/** What reading a request comes to. */
public sealed interface Reading {

  /** It can be judged event by event. */
  record Legible(CollectRequest request) implements Reading {}

  /**
   * No event can be told from another.
   *
   * @param code stable, for programs
   * @param message what is wrong and where
   */
  record Illegible(String code, String message, boolean tooLarge) implements Reading {}
}
