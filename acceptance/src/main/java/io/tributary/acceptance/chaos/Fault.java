package io.tributary.acceptance.chaos;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What is broken in a round. */
enum Fault {
  NOTHING("nothing is broken", Shape.ONE_PROCESS, Shape.SEPARATE),
  KILL_PROCESS("kill -9 of the one process", Shape.ONE_PROCESS),
  KILL_EVERYTHING("kill -9 of the one process and of Postgres", Shape.ONE_PROCESS),
  KILL_DURING_START("kill -9 again while it starts", Shape.ONE_PROCESS),
  FREEZE_PROCESS("SIGSTOP of the one process", Shape.ONE_PROCESS),
  KILL_POSTGRES("Postgres killed", Shape.ONE_PROCESS, Shape.SEPARATE),
  RESTART_POSTGRES("Postgres immediate restart", Shape.ONE_PROCESS, Shape.SEPARATE),
  KILL_BACKEND("kill -9 of one Postgres backend", Shape.ONE_PROCESS, Shape.SEPARATE),
  FREEZE_POSTGRES("SIGSTOP of Postgres", Shape.ONE_PROCESS, Shape.SEPARATE),
  STEP_CLOCK("the clock of one process an hour or a day off", Shape.ONE_PROCESS, Shape.SEPARATE),
  RESTORE("Postgres lost, put back from a backup", Shape.ONE_PROCESS),
  RECEIVERS_DOWN("mail server and webhook receiver away", Shape.ONE_PROCESS, Shape.SEPARATE),
  REDELIVERY("the topic's events again, twice, shuffled", Shape.ONE_PROCESS, Shape.SEPARATE),
  POISON("records that nobody can read in every topic", Shape.ONE_PROCESS, Shape.SEPARATE),
  STORM("ten identifiers crosswise by 32 threads", Shape.ONE_PROCESS, Shape.SEPARATE),
  KILL_SERVICE("kill -9 of one service", Shape.SEPARATE),
  FREEZE_SERVICE("SIGSTOP of one service beyond its session", Shape.SEPARATE),
  KILL_KAFKA("kill -9 of the broker", Shape.SEPARATE),
  FREEZE_KAFKA("SIGSTOP of the broker", Shape.SEPARATE),
  FILL_POSTGRES("disk of Postgres full", Shape.SEPARATE),
  FILL_KAFKA("disk of the broker full", Shape.SEPARATE),
  CUT_POSTGRES("connections to Postgres cut", Shape.SEPARATE),
  SILENT_POSTGRES("network to Postgres silent, then cut", Shape.SEPARATE),
  LOST_COMMIT("answers to COMMIT lost", Shape.SEPARATE),
  SLOW_POSTGRES("network to Postgres slow", Shape.SEPARATE),
  CUT_KAFKA("connections to Kafka cut", Shape.SEPARATE),
  SILENT_KAFKA("network to Kafka silent, then cut", Shape.SEPARATE),
  REBALANCE_STORM("instances come and go", Shape.SEPARATE),
  UPGRADE("each service from one to three and back to one, of another version", Shape.SEPARATE);

  private final String words;
  private final Set<Shape> shapes;

  Fault(String words, Shape... shapes) {
    this.words = words;
    this.shapes = EnumSet.copyOf(Arrays.asList(shapes));
  }

  /** For the table. */
  String words() {
    return words;
  }

  /** Those that can be made in a shape. */
  static List<Fault> of(Shape shape) {
    return Arrays.stream(values()).filter(fault -> fault.shapes.contains(shape)).toList();
  }
}
