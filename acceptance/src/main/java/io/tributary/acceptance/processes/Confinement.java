package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What Docker would take from a process, as far as this machine lets us: it runs as the image's
 * user, in no groups, has no privileges and can't get any.
 */
final class Confinement {

  private static final Confinement NONE = new Confinement(List.of());
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin/java").toString();

  private final List<String> prefix;

  private Confinement(List<String> prefix) {
    this.prefix = prefix;
  }

  /** Nothing is taken. */
  static Confinement none() {
    return NONE;
  }

  /**
   * That of an image's user, such as {@code 10001:10001}. Nothing is taken where this JVM may not
   * choose a user, or where another user may not run its Java.
   */
  static Confinement of(String user) {
    String[] ids = user.split(":");
    Confinement confinement =
        new Confinement(
            List.of(
                "setpriv",
                "--reuid=" + ids[0],
                "--regid=" + ids[1],
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=-all",
                "--bounding-set=-all"));
    return isRoot()
            && isInstalled("setpriv")
            && confinement.run(List.of(JAVA, "-version"), Path.of("/dev/null")) == 0
        ? confinement
        : NONE;
  }

  /** Whether anything is taken. */
  boolean isEffective() {
    return !prefix.isEmpty();
  }

  /** The command that runs another one confined, under the same process id. */
  List<String> command(List<String> command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    return List.copyOf(all);
  }

  /** Runs a command confined to its end, and returns its exit status. */
  int run(List<String> command, Path log) {
    List<String> all = command(command);
    try {
      Process process =
          new ProcessBuilder(all)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IllegalStateException(all + " doesn't end");
      }
      return process.exitValue();
    } catch (IOException e) {
      throw new UncheckedIOException("running " + all, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + all, e);
    }
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      throw new UncheckedIOException("looking at who we are", e);
    }
  }
}
