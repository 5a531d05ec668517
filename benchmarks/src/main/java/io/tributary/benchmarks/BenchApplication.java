package io.tributary.benchmarks;

import java.io.IOException;
import java.sql.SQLException;

/**
 * {@code --data DIR [--seconds N] [--json FILE] [--profiles N] [--segments N] [--phases LIST]}:
 * measures the fresh product that runs in the data directory. Exit status 0 when all went well,
 * whatever the speed; 1 when events were lost or repeated or couldn't be seen.
 */
public final class BenchApplication {
  private BenchApplication() {}

  /** See the class. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Options options;
    try {
      options = Options.of(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(2);
      return;
    }
    Report report = new Report(System.out);
    boolean sound = new Run(Target.in(options.data()), options, report).all();
    report.json().put("sound", sound);
    report.write(options.json());
    report.say("Kept in " + options.json() + " and " + Report.beside(options.json()) + ".");
    if (!sound) {
      System.err.println(
          "bench: WRONG: not everything that was accepted took effect once and was seen");
      System.exit(1);
    }
  }
}
