package io.tributary.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the machine has. */
final class Resources {
  private Resources() {}

  /** Bytes of memory that this process may count on: the machine's, or its container's. */
  static long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /** Bytes that are free where the directory is, or will be. */
  static long freeDisk(Path directory) {
    Path there = directory.toAbsolutePath();
    for (Path up = there; up != null && !Files.exists(there); up = up.getParent()) {
      there = up;
    }
    try {
      return Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException("asking for the free space of " + there, e);
    }
  }

  /**
   * A size as Postgres writes it, between the two bounds (in megabytes), in steps of an eighth of
   * the lower one, so that a server isn't taken for one with other settings after each small
   * change.
   */
  static String megabytes(long bytes, long least, long most) {
    long step = least / 8;
    return Math.clamp(bytes >> 20, least, most) / step * step + "MB";
  }
}
