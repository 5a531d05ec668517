package io.tributary.benchmarks;

import java.io.IOException;
import java.util.Collection;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** {@code [--seconds N] [--json FILE]}: measures the {@link Kernels} with JMH. */
public final class KernelApplication {
  private KernelApplication() {}

  /** See the class. */
  public static void main(String[] arguments) throws IOException, RunnerException {
    Options options = Options.of(arguments);
    Report report = new Report(System.out);
    Machine.describe(report.json().putObject("machine"), options);
    report.say("Kernels, one thread each:");
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(Kernels.class.getName())
                    .addProfiler("gc")
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run();
    for (RunResult result : results) {
      Result<?> time = result.getPrimaryResult();
      String name = time.getLabel();
      report.figure("kernels", name, time.getScore(), "µs");
      report.figure("kernels", name + ", error (99.9 %)", time.getScoreError(), "µs");
      Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      if (allocated != null) {
        report.figure("kernels", name + ", allocated", allocated.getScore(), "bytes");
      }
    }
    report.write(options.json());
    report.say("Kept in " + options.json() + " and " + Report.beside(options.json()) + ".");
  }
}
