package io.tributary.acceptance.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Signals to processes. */
final class Signals {
  private Signals() {}

  /** Sends a signal such as {@code STOP}; a process that has ended is no failure. */
  static void send(String signal, List<Long> processes) throws IOException {
    List<String> command = new ArrayList<>(List.of("kill", "-s", signal));
    processes.forEach(process -> command.add(process.toString()));
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while signalling", e);
    }
  }

  /** Ends a process with SIGKILL and returns when it has ended. */
  static void killed(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** A process and all that it started. */
  static List<Long> family(long parent) {
    return ProcessHandle.of(parent).stream()
        .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
        .map(ProcessHandle::pid)
        .toList();
  }
}
