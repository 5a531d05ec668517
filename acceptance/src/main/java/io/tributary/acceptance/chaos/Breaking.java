package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Schedule.Round;
import io.tributary.acceptance.processes.JavaProgram;
import io.tributary.acceptance.processes.Program;
import io.tributary.acceptance.processes.SeparateProcesses;
import io.tributary.acceptance.processes.Signals;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Makes faults, and takes them away again. */
final class Breaking {
  /** A member of a consumer group that says nothing for 10 s is taken for dead. */
  private static final Duration BEYOND_SESSION = Duration.ofSeconds(13);

  private static final Duration AWAKE = Duration.ofSeconds(3);
  private static final Duration FREEZE = Duration.ofSeconds(8);
  private final Installation installation;
  private final Receivers receivers;
  private final Journal journal;
  private final Clients clients;
  private final Path directory;
  private final PrintStream out;
  private Topic.Poison poisoned = new Topic.Poison(0, 0);

  /**
   * Breaks an installation.
   *
   * @param directory for what it takes to break it
   */
  Breaking(
      Installation installation,
      Receivers receivers,
      Journal journal,
      Clients clients,
      Path directory,
      PrintStream out) {
    this.installation = installation;
    this.receivers = receivers;
    this.journal = journal;
    this.clients = clients;
    this.directory = directory;
    this.out = out;
  }

  /** How many records that nobody can read were appended to topics so far. */
  Topic.Poison poisoned() {
    return poisoned;
  }

  /**
   * Breaks what the round says and heals it.
   *
   * @param watcher is told where the past comes back
   * @return when the fault was over, in {@link System#nanoTime()}: what comes after is the
   *     product's own recovery
   */
  long strike(Round round, Watcher watcher) throws IOException, InterruptedException {
    Random random = new Random(round.seed());
    Duration hold = Duration.ofMillis(round.holdMillis());
    return switch (round.fault()) {
      case NOTHING -> {
        pause(hold);
        yield System.nanoTime();
      }
      case KILL_PROCESS -> {
        OneProcess process = one();
        process.kill();
        yield started(process);
      }
      case KILL_EVERYTHING -> {
        OneProcess process = one();
        List<Long> postgres = Signals.family(installation.postmaster());
        process.kill();
        Signals.send("KILL", postgres);
        yield started(process);
      }
      case KILL_DURING_START -> {
        OneProcess process = one();
        process.kill();
        long over = System.nanoTime();
        process.startTwice(1_000 + random.nextInt(9_000));
        yield over;
      }
      case FREEZE_PROCESS -> {
        List<Long> process = one().process().stream().map(ProcessHandle::pid).toList();
        yield frozen(process, FREEZE.plus(hold));
      }
      case KILL_POSTGRES -> {
        Signals.send("KILL", Signals.family(installation.postmaster()));
        yield healed();
      }
      case RESTART_POSTGRES -> {
        Signals.send("QUIT", List.of(installation.postmaster()));
        yield healed();
      }
      case KILL_BACKEND -> {
        List<Long> family = Signals.family(installation.postmaster());
        Signals.send("KILL", List.of(family.get(1 + random.nextInt(family.size() - 1))));
        yield System.nanoTime();
      }
      case FREEZE_POSTGRES -> frozen(Signals.family(installation.postmaster()), FREEZE);
      case STEP_CLOCK -> stepClock(random, hold);
      case RESTORE -> restore(one(), watcher, hold);
      case RECEIVERS_DOWN -> {
        receivers.away(true);
        pause(hold);
        receivers.away(false);
        yield System.nanoTime();
      }
      case REDELIVERY -> {
        Set<String> known =
            journal.entries().stream()
                .map(Journal.Entry::fact)
                // An event that comes after its person was erased begins a new person.
                .filter(fact -> !fact.who().userId().startsWith("x-"))
                .map(Fact::id)
                .collect(Collectors.toSet());
        new Topic(installation.target().kafka()).again(known::contains, random);
        yield System.nanoTime();
      }
      case POISON -> {
        poisoned = poisoned.plus(new Topic(installation.target().kafka()).poison(random));
        yield System.nanoTime();
      }
      case STORM -> {
        clients.storm(32, 6, round.seed());
        yield System.nanoTime();
      }
      case KILL_SERVICE -> {
        SeparateProcesses all = separate().processes();
        List<String> services = SeparateProcesses.SERVICES;
        String service = services.get(random.nextInt(services.size()));
        JavaProgram program = all.instances(service).getFirst();
        program.kill();
        long over = System.nanoTime();
        program.start();
        yield over;
      }
      case FREEZE_SERVICE -> zombie(separate(), random, hold);
      case KILL_KAFKA -> {
        JavaProgram kafka = separate().processes().kafka();
        kafka.kill();
        long over = System.nanoTime();
        kafka.start();
        yield over;
      }
      case FREEZE_KAFKA -> frozen(List.of(separate().processes().kafka().pid()), FREEZE);
      case FILL_POSTGRES -> {
        SeparateServices services = separate();
        filled(services.postgresVolume(), hold);
        yield services.healed(services.processes().postgres());
      }
      case FILL_KAFKA -> {
        SeparateServices services = separate();
        filled(services.kafkaVolume(), hold);
        yield services.healed(services.processes().kafka());
      }
      case CUT_POSTGRES -> cut(separate().postgresNet(), hold);
      case SILENT_POSTGRES -> silent(separate().postgresNet(), FREEZE.plus(hold));
      case LOST_COMMIT -> {
        TcpProxy net = separate().postgresNet();
        net.loseCommits(() -> random.nextInt(5) == 0);
        pause(hold.plusSeconds(4));
        net.loseCommits(() -> false);
        yield System.nanoTime();
      }
      case SLOW_POSTGRES -> {
        TcpProxy net = separate().postgresNet();
        net.delay(5 + random.nextInt(40));
        pause(hold.plusSeconds(4));
        net.delay(0);
        yield System.nanoTime();
      }
      case CUT_KAFKA -> cut(separate().kafkaNet(), hold);
      case SILENT_KAFKA -> silent(separate().kafkaNet(), FREEZE.plus(hold));
      case REBALANCE_STORM -> storm(separate().processes(), random);
      case UPGRADE -> upgrade(separate());
    };
  }

  private OneProcess one() {
    if (installation instanceof OneProcess process) {
      return process;
    }
    throw new IllegalStateException("this fault needs the one process");
  }

  private SeparateServices separate() {
    if (installation instanceof SeparateServices services) {
      return services;
    }
    throw new IllegalStateException("this fault needs separate processes");
  }

  /** A second instance takes over from one that is frozen, which then comes back. */
  private static long zombie(SeparateServices services, Random random, Duration hold)
      throws IOException, InterruptedException {
    List<String> consumers = List.of("identity", "profile", "segment", "campaign");
    String service = consumers.get(random.nextInt(consumers.size()));
    SeparateProcesses all = services.processes();
    JavaProgram first = all.instances(service).getFirst();
    JavaProgram second = all.more(service);
    second.awaitHealthy();
    long over = frozen(List.of(first.pid()), BEYOND_SESSION.plus(hold));
    // What it does now is what must not count.
    pause(AWAKE);
    second.stop();
    return over;
  }

  /** Instances of two services come, are killed, come again and stop. */
  private static long storm(SeparateProcesses all, Random random) {
    List<String> consumers = List.of("identity", "profile", "segment", "campaign");
    int first = random.nextInt(consumers.size());
    List<String> two = List.of(consumers.get(first), consumers.get((first + 1) % consumers.size()));
    for (Consumer<JavaProgram> end : List.<Consumer<JavaProgram>>of(Program::kill, Program::stop)) {
      List<JavaProgram> more = two.stream().map(all::more).toList();
      more.forEach(Program::awaitHealthy);
      more.forEach(end);
    }
    return System.nanoTime();
  }

  /**
   * Beside the instance of each service two of the next version, which share the work with it; then
   * it stops, one of the two is killed, and the other stays alone.
   */
  private long upgrade(SeparateServices services) throws InterruptedException {
    SeparateProcesses all = services.processes();
    for (String service : services.upgrade()) {
      JavaProgram old = all.instances(service).getFirst();
      List<JavaProgram> next = List.of(all.more(service), all.more(service));
      next.forEach(Program::awaitHealthy);
      out.printf("          %s%n", services.shares(service));
      old.stop();
      next.getFirst().kill();
      out.printf("          %s replaced by %s%n", old.name(), next.getLast().name());
    }
    return System.nanoTime();
  }

  private static long cut(TcpProxy net, Duration hold) throws InterruptedException {
    net.refuse(true);
    net.cut();
    pause(hold);
    net.refuse(false);
    return System.nanoTime();
  }

  private static long silent(TcpProxy net, Duration time) throws InterruptedException {
    net.silence(true);
    pause(time);
    net.cut();
    net.silence(false);
    return System.nanoTime();
  }

  private static long started(OneProcess process) throws IOException {
    long over = System.nanoTime();
    process.start();
    return over;
  }

  private long healed() throws IOException {
    long over = System.nanoTime();
    installation.healPostgres();
    return over;
  }

  private static long frozen(List<Long> processes, Duration time)
      throws IOException, InterruptedException {
    Signals.send("STOP", processes);
    try {
      pause(time);
    } finally {
      Signals.send("CONT", processes);
    }
    return System.nanoTime();
  }

  /**
   * A JVM whose clock is wrong, and then right again; and which then starts anew, as the runbook
   * says: what waits in Kafka's clients waits until the clock says again what it said at first.
   *
   * <p>A collector's clock is put forward only: when it is behind, events seem to come from the
   * future, and it takes its own time for theirs.
   */
  private long stepClock(Random random, Duration hold) throws IOException, InterruptedException {
    ClockStep step = ClockStep.in(directory);
    if (installation instanceof OneProcess process) {
      step(step, process.process().orElseThrow().pid(), "", ahead(random, 2), hold);
      process.kill();
      return started(process);
    }
    List<String> services = SeparateProcesses.SERVICES;
    String service = services.get(random.nextInt(services.size()));
    JavaProgram program = separate().processes().instances(service).getFirst();
    Duration ahead = ahead(random, service.equals("ingestion") ? 2 : 3);
    step(step, program.pid(), service + ": ", ahead, hold);
    program.kill();
    long over = System.nanoTime();
    program.start();
    return over;
  }

  private static Duration ahead(Random random, int choices) {
    return List.of(Duration.ofHours(1), Duration.ofDays(1), Duration.ofHours(-1))
        .get(random.nextInt(choices));
  }

  private void step(ClockStep step, long pid, String whose, Duration ahead, Duration hold)
      throws IOException, InterruptedException {
    out.printf("          %sthe clock is ahead by %s%n", whose, ahead);
    step.set(pid, ahead);
    pause(FREEZE.plus(hold));
    step.set(pid, Duration.ZERO);
    pause(AWAKE);
  }

  /** A backup under load; then all of Postgres is lost, and comes back as it was. */
  private long restore(OneProcess process, Watcher watcher, Duration hold)
      throws IOException, InterruptedException {
    Path backup = process.backUp();
    pause(hold);
    process.kill();
    process.losePostgres();
    long over = System.nanoTime();
    process.restore(backup);
    // What was read before is read again from the log; until then profiles are younger.
    watcher.forget();
    receivers.restored();
    process.start();
    return over;
  }

  private static void filled(Volume volume, Duration hold)
      throws IOException, InterruptedException {
    volume.fill();
    try {
      pause(FREEZE.plus(hold));
    } finally {
      volume.free();
    }
  }

  private static void pause(Duration time) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(time.toMillis());
  }
}
