package io.tributary.acceptance.chaos;

import io.tributary.demo.Api;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the clients sent and what they were answered: in memory for the oracle, and in a file that
 * is on disk before a request leaves, so that a run can be looked into afterwards. Safe for several
 * threads.
 */
final class Journal implements Closeable {

  /** What is known about a message from its answers. */
  enum Outcome {
    /** Never answered, or answered with a status that leaves it open: it may have taken effect. */
    UNKNOWN,
    /** Answered with 200. */
    OK,
    /** Answered with a status that says it was not taken. */
    REFUSED
  }

  /**
   * A message and its outcome.
   *
   * @param answered when the answer came; the moment of sending until then
   */
  record Entry(Fact fact, Outcome outcome, Instant answered) {}

  /** An address that must get nothing whose send was claimed after this moment. */
  record Silence(String why, String userId, String email, Instant answered) {}

  private final FileChannel file;
  private final Clock clock;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Silence> silences = new ArrayList<>();
  private final Set<String> asked = new HashSet<>();

  Journal(Path path, Clock clock) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    this.clock = clock;
  }

  /** Notes what is about to be sent. */
  synchronized void sending(List<Fact> facts) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Fact fact : facts) {
      entries.putIfAbsent(fact.id(), new Entry(fact, Outcome.UNKNOWN, clock.instant()));
      lines.append(line(fact)).append('\n');
    }
    write(lines.toString());
    file.force(false);
  }

  /** Notes an answer; a message that was answered with 200 once stays so. */
  synchronized void answered(List<Fact> facts, Outcome outcome) throws IOException {
    Instant now = clock.instant();
    StringBuilder lines = new StringBuilder();
    for (Fact fact : facts) {
      entries.compute(
          fact.id(),
          (id, before) ->
              before != null && before.outcome() == Outcome.OK
                  ? before
                  : new Entry(fact, outcome, now));
      lines.append(outcome).append(' ').append(fact.id()).append(' ').append(now).append('\n');
    }
    write(lines.toString());
  }

  /** Notes that somebody asks to be erased; whether that was heard only the answer tells. */
  synchronized void asked(String userId) throws IOException {
    if (asked.add(userId)) {
      write("ASKED " + userId + " " + clock.instant() + "\n");
      file.force(false);
    }
  }

  /** Who has asked to be erased, answered or not. */
  synchronized Set<String> asked() {
    return Set.copyOf(asked);
  }

  /** Notes that somebody must be left alone from now on. */
  synchronized void silenced(String why, String userId, String email) throws IOException {
    Silence silence = new Silence(why, userId, email, clock.instant());
    silences.add(silence);
    write("SILENCE " + why + " " + userId + " " + silence.answered() + "\n");
  }

  /** All messages in the order of their first sending. */
  synchronized Collection<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** How many messages there are. */
  synchronized int size() {
    return entries.size();
  }

  /** Everybody who must be left alone. */
  synchronized List<Silence> silences() {
    return List.copyOf(silences);
  }

  private void write(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  private static String line(Fact fact) {
    ObjectNode line = Api.MAPPER.createObjectNode();
    line.put("id", fact.id()).put("round", fact.round()).put("kind", fact.kind().name());
    line.put("userId", fact.who().userId()).put("anonymousId", fact.who().anonymousId());
    line.put("previousId", fact.who().previousId()).put("email", fact.who().email());
    line.put("event", fact.event()).put("plan", fact.plan()).put("order", fact.order());
    return line.put("at", fact.at().toString()).toString();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
