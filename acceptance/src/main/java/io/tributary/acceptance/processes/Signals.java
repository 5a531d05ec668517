package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Signals to processes, which are named by their numbers. */
public final class Signals {

  private Signals() {}

  /** Sends a signal such as {@code KILL}; a process that has ended is no failure. */
  public static void send(String signal, List<Long> processes) {
    List<String> command = new ArrayList<>(List.of("kill", "-s", signal));
    processes.forEach(process -> command.add(process.toString()));
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("running " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /** Ends a process with SIGKILL and returns when it has ended. */
  public static void kill(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** A process and all that it started. */
  public static List<Long> family(long parent) {
    return handles(parent).stream().map(ProcessHandle::pid).toList();
  }

  /**
   * The same as handles, which know a process from a later one that has its number; the process
   * itself is the first, and nobody is there when it has ended.
   */
  static List<ProcessHandle> handles(long parent) {
    return ProcessHandle.of(parent).stream()
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .toList();
  }
}
