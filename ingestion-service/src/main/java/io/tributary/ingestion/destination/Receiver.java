package io.tributary.ingestion.destination;

import java.util.List;

/**
 * The other end of a destination. One that takes one message at a time is used by several threads.
 */
interface Receiver extends AutoCloseable {
  /**
   * Delivers messages in their order, within some fifteen seconds; the same ones may come again.
   *
   * @param messages {@link #most()} at most
   * @return what became of each
   */
  List<Outcome> deliver(List<Message> messages);

  /**
   * How many messages it takes at one time. With more than one, one thread gives it all of them.
   */
  default int most() {
    return 1;
  }

  /** Tries whether messages would get there; the message is delivered where that does no harm. */
  default Outcome test(Message message) {
    return deliver(List.of(message)).getFirst();
  }

  @Override
  default void close() {}
}
