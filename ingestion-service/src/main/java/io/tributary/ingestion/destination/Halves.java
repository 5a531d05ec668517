package io.tributary.ingestion.destination;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** Finds which of several messages is no good, so that the others get there all the same. */
final class Halves {
  private Halves() {}

  /**
   * Delivers messages in two parts, each of which may part again. When it's late, the first part is
   * one message, so that it ends some time, and the rest isn't tried.
   *
   * @param messages that failed together, two at least
   * @param end after which it's late, in nanoTime
   */
  static List<Outcome> deliver(
      List<Message> messages, long end, Function<List<Message>, List<Outcome>> deliver) {
    int half = isLate(end) ? 1 : messages.size() / 2;
    List<Outcome> outcomes = new ArrayList<>(deliver.apply(messages.subList(0, half)));
    List<Message> rest = messages.subList(half, messages.size());
    boolean on = !isLate(end) && outcomes.stream().allMatch(Outcome::isAnswered);
    outcomes.addAll(
        on ? deliver.apply(rest) : Collections.nCopies(rest.size(), new Outcome.Untried()));
    return outcomes;
  }

  private static boolean isLate(long end) {
    return System.nanoTime() - end >= 0;
  }
}
