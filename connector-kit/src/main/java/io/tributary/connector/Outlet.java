package io.tributary.connector;

import java.io.IOException;
import java.util.List;

/**
 * The other end of a destination. Used by one thread at a time.
 *
 * <p>A message counts as delivered once {@link #deliver} has said {@link Outcome.Delivered} of it,
 * and not before: until then it comes again, after a crash of anybody, with the same id. So say it
 * only of what is kept for good, and have the same id take effect once wherever that can be done.
 */
public interface Outlet extends AutoCloseable {
  /**
   * Delivers messages. Those about one person come in their order, and behind one that has to wait
   * nothing about the same person may be delivered; the simplest is to stop there and say {@link
   * Outcome.Untried} of the rest.
   *
   * @param messages 1 to {@link #most()}
   * @return one outcome for each, in the same order, within 15 s
   * @throws Exception whatever it is, all of these messages are tried again later, by another
   *     outlet
   */
  List<Outcome> deliver(List<Message> messages) throws Exception;

  /** How many messages it takes at one time, 1 to 500. */
  default int most() {
    return 100;
  }

  /** Ends it; more than once does no harm. */
  @Override
  default void close() throws IOException {}
}
