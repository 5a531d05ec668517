package io.tributary.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The user that Postgres' programs run as. Postgres refuses the superuser, so a superuser's launch
 * drops to an unprivileged account; where that account can't reach the directory (a parent with
 * mode 0700), a user namespace without capabilities is the fallback.
 *
 * @param prefix goes before each command
 * @param uid owner of the data files
 * @param gid group of the data files
 */
record RunAs(List<String> prefix, int uid, int gid) {

  private static final Duration PROBE = Duration.ofSeconds(20);
  private static final List<String> ACCOUNTS = List.of("postgres", "nobody");

  /** Decides for a directory, and gives the directory to the chosen user. */
  static RunAs choose(Path directory, Path programs) throws IOException {
    UnixSystem self = new UnixSystem();
    if (self.getUid() != 0) {
      return new RunAs(List.of(), (int) self.getUid(), (int) self.getGid());
    }
    List<String> tried = new ArrayList<>();
    for (RunAs candidate : candidates()) {
      candidate.own(directory);
      Command.Outcome probe = candidate.probe(directory, programs);
      if (probe.succeeded()) {
        return candidate;
      }
      tried.add(candidate.prefix.getFirst() + ": " + probe.output());
    }
    throw new EmbeddedServerException(
        "Postgres refuses to run as root, and no unprivileged user can reach "
            + directory
            + ". Start Tributary as an ordinary user, or give --data a directory whose parents everybody may enter"
            + " (chmod a+x). Tried "
            + tried);
  }

  /** The command as this user. */
  List<String> command(String... command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(List.of(command));
    return List.copyOf(all);
  }

  /** Makes sure that the tree belongs to this user. */
  void own(Path directory) throws IOException {
    if (!Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(uid)) {
      Trees.chown(directory, uid, gid);
    }
  }

  private Command.Outcome probe(Path directory, Path programs) {
    return Command.run(
        Path.of("/"),
        PROBE,
        command(
            "sh",
            "-c",
            "cd \"$1\" && touch probe && rm probe && \"$2\" --version",
            "probe",
            directory.toString(),
            programs.resolve("bin/initdb").toString()));
  }

  private static List<RunAs> candidates() {
    List<RunAs> all = new ArrayList<>();
    ACCOUNTS.stream().flatMap(name -> account(name).stream()).findFirst().ifPresent(all::addAll);
    all.add(new RunAs(List.of("unshare", "-U"), 0, 0));
    return all;
  }

  /** The ways to become this account; empty when the machine doesn't have it. */
  private static Optional<List<RunAs>> account(String name) {
    Optional<Integer> uid = id("-u", name);
    Optional<Integer> gid = id("-g", name);
    if (uid.isEmpty() || gid.isEmpty()) {
      return Optional.empty();
    }
    int u = uid.get();
    int g = gid.get();
    return Optional.of(
        List.of(
            new RunAs(
                List.of(
                    "setpriv", "--reuid=" + u, "--regid=" + g, "--clear-groups", "--no-new-privs"),
                u,
                g),
            new RunAs(List.of("runuser", "-u", name, "--"), u, g),
            new RunAs(
                List.of("su", "-s", "/bin/sh", name, "-c", "exec \"$0\" \"$@\"", "--"), u, g)));
  }

  private static Optional<Integer> id(String option, String name) {
    Command.Outcome outcome = Command.run(Path.of("/"), PROBE, List.of("id", option, name));
    return outcome.succeeded() ? Optional.of(Integer.valueOf(outcome.output())) : Optional.empty();
  }
}
