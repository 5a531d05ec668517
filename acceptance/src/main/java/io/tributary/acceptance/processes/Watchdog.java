package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Ends all programs when this JVM dies without a chance to do it: a shell of its own that waits for
 * the end of a pipe, which the operating system closes with us.
 */
final class Watchdog implements AutoCloseable {

  private static final String SCRIPT =
      "trap '' INT TERM HUP; cat >/dev/null; while read -r signal pid; do kill -s $signal $pid; done <\"$0\"";

  private final Path list;
  private final Process shell;
  private final OutputStream pipe;

  private Watchdog(Path list, Process shell) {
    this.list = list;
    this.shell = shell;
    this.pipe = shell.getOutputStream();
  }

  /** Starts it; the list of who has to be ended lies in this directory. */
  static Watchdog in(Path directory) {
    Path list = directory.resolve("programs");
    try {
      Files.writeString(list, "");
      return new Watchdog(
          list,
          new ProcessBuilder("sh", "-c", SCRIPT, list.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException("starting the watchdog", e);
    }
  }

  /** Has a process ended by this signal, should we die before it does. */
  synchronized void watch(String signal, long pid) {
    try {
      Files.writeString(list, signal + " " + pid + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("noting a process in " + list, e);
    }
  }

  /** Ends the watch; the caller has ended all programs. */
  @Override
  public void close() {
    try {
      Files.writeString(list, "");
      pipe.close();
    } catch (IOException e) {
      throw new UncheckedIOException("ending the watchdog", e);
    }
    shell.onExit().join();
  }
}
