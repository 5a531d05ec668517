package io.tributary.ingestion.destination;

/** The other end of a destination. Used by several threads. */
interface Receiver {
  /** Delivers one message, within ten seconds; the same one may come again. */
  Outcome deliver(Message message);
}
