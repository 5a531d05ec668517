package io.tributary.acceptance.chaos;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** {@code ./tributary chaos}: exit status 0 only when nothing at all was wrong. */
public final class ChaosApplication {
  private ChaosApplication() {}

  /** See docs/chaos.md. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Clock clock = Clock.systemUTC();
    Thread.setDefaultUncaughtExceptionHandler(ChaosApplication::unexpected);
    Options options;
    try {
      options = Options.of(arguments, System.nanoTime() & 0xffff_ffffL);
    } catch (Options.Refused e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    System.out.printf(
        "chaos seed=%d minutes=%s data=%s%n", options.seed(), options.minutes(), options.data());
    Instant began = clock.instant();
    Duration each =
        Duration.ofMillis((long) (options.minutes() * 60_000 / options.shapes().size()));
    List<Outcome> outcomes = new ArrayList<>();
    for (Shape shape : options.shapes()) {
      Run run = new Run(options, shape, System.out, clock);
      try {
        outcomes.add(run.play(each));
      } catch (IOException | RuntimeException e) {
        outcomes.add(run.failed(e));
      }
    }
    Report report = new Report(outcomes);
    if (options.json().isPresent()) {
      report.write(options.json().get(), options, began);
    }
    report.print(System.out);
    System.exit(report.isClean() ? 0 : 1);
  }

  /** A broken mail connection, which is meant, ends a thread of the mail server. */
  private static void unexpected(Thread thread, Throwable error) {
    if (!thread.getName().startsWith("smtp:")) {
      System.err.println("chaos: " + thread.getName() + " ended: " + error);
    }
  }
}
