package io.tributary.benchmarks;

import java.util.List;
import java.util.TreeSet;

/** Whether lags grow. */
final class Growth {
  private Growth() {}

  /** Tells the largest lag of each stage, and by how much the whole grew on the way. */
  static void describe(Report report, String phase, List<Pipeline.Sample> samples) {
    TreeSet<String> stages = new TreeSet<>();
    samples.forEach(sample -> stages.addAll(sample.lag().keySet()));
    for (String stage : stages) {
      double mean =
          samples.stream().mapToLong(s -> s.lag().getOrDefault(stage, 0L)).average().orElse(0);
      long max = samples.stream().mapToLong(s -> s.lag().getOrDefault(stage, 0L)).max().orElse(0);
      report.figure(phase, "lag of " + stage + ", mean", mean, "records");
      report.count(phase, "lag of " + stage + ", largest", max, "records");
    }
    report.figure(phase, "growth of the lag", slope(samples), "records/s");
  }

  /** The straight line that fits best, so that neither end decides alone. */
  static double slope(List<Pipeline.Sample> samples) {
    double time = samples.stream().mapToDouble(Pipeline.Sample::seconds).average().orElse(0);
    double lag = samples.stream().mapToLong(Pipeline.Sample::behind).average().orElse(0);
    double above = 0;
    double below = 0;
    for (Pipeline.Sample sample : samples) {
      double distance = sample.seconds() - time;
      above += distance * ((double) sample.behind() - lag);
      below += distance * distance;
    }
    return below == 0 ? 0 : above / below;
  }
}
