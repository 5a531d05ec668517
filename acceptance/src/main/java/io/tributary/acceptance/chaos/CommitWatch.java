package io.tributary.acceptance.chaos;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads what a client says to Postgres, as far as it takes to notice a COMMIT: as a simple query,
 * or bound to a statement that was prepared for it. Bytes come in any pieces.
 */
final class CommitWatch {
  private static final int STARTUP = 196_608;
  private static final int LONGEST_KEPT = 256;
  private final Set<String> prepared = new HashSet<>();
  private final byte[] message = new byte[LONGEST_KEPT];
  private boolean started;
  private int type = -1;
  private int lengthBytes;
  private int length;
  private int read;

  /** Takes the next bytes; true when a COMMIT ends among them. */
  boolean saw(byte[] bytes, int count) {
    boolean commit = false;
    for (int i = 0; i < count; i++) {
      commit |= next(bytes[i]);
    }
    return commit;
  }

  private boolean next(byte value) {
    if (started && type < 0) {
      type = value;
      return false;
    }
    if (lengthBytes < 4) {
      length = (length << 8) | (value & 0xff);
      lengthBytes++;
      return lengthBytes == 4 && length == 4 && end();
    }
    if (read < LONGEST_KEPT) {
      message[read] = value;
    }
    read++;
    return read == length - 4 && end();
  }

  private boolean end() {
    boolean commit = started ? isCommit() : begin();
    type = -1;
    lengthBytes = 0;
    length = 0;
    read = 0;
    return commit;
  }

  /** Requests for encryption come before the real beginning. */
  private boolean begin() {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      code = (code << 8) | (message[i] & 0xff);
    }
    started = code == STARTUP || code >> 16 == 3;
    return false;
  }

  private boolean isCommit() {
    return switch (type) {
      case 'Q' -> isCommit(text(0));
      case 'P' -> prepares();
      // A portal's name, then that of the statement.
      case 'B' -> prepared.contains(text(text(0).length() + 1));
      default -> false;
    };
  }

  /** Remembers a statement; that it is prepared ends nothing yet. */
  private boolean prepares() {
    String name = text(0);
    if (isCommit(text(name.length() + 1))) {
      prepared.add(name);
    } else {
      prepared.remove(name);
    }
    return false;
  }

  private static boolean isCommit(String sql) {
    return sql.strip().equalsIgnoreCase("commit");
  }

  private String text(int from) {
    int end = Math.min(read, LONGEST_KEPT);
    int at = from;
    while (at < end && message[at] != 0) {
      at++;
    }
    return from >= end ? "" : new String(message, from, at - from, StandardCharsets.UTF_8);
  }
}
