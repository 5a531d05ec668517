package io.tributary.standalone;

import io.tributary.embedded.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the doctor looks at on the machine itself. */
final class MachineChecks {

  private static final long NEEDED_BYTES = 2L << 30;
  private static final int NEEDED_JAVA = 25;

  private MachineChecks() {}

  static Finding java() {
    int version = Runtime.version().feature();
    return version >= NEEDED_JAVA
        ? Finding.well("Java", "version " + Runtime.version())
        : Finding.wrong("Java", "version " + version, "install a JDK 25 and set JAVA_HOME to it");
  }

  static Finding disk(Path data) {
    Path existing = data;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isWritable(existing)) {
      return Finding.wrong(
          "Disk", data + " can't be written", "give --data a directory that you may write");
    }
    try {
      long free = Files.getFileStore(existing).getUsableSpace();
      String state = (free >> 20) + " MiB free for " + data;
      return free >= NEEDED_BYTES
          ? Finding.well("Disk", state)
          : Finding.wrong("Disk", state, "free at least 2 GiB, or move the data directory");
    } catch (IOException e) {
      return Finding.wrong("Disk", data + " can't be examined: " + e, "check the file system");
    }
  }

  static Finding port(String option, int port) {
    return port == 0 || Ports.isFree("0.0.0.0", port)
        ? Finding.well("Port " + port, "free")
        : Finding.wrong(
            "Port " + port, "taken by another program", "choose another with " + option + " N");
  }
}
