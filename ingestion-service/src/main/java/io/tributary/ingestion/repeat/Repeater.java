package io.tributary.ingestion.repeat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A thread that does things again and again, one after another, from its start to its stop. */
public final class Repeater {
  private final String thread;
  private final List<Task> tasks;
  private @Nullable ScheduledExecutorService timer;

  /**
   * Something to do.
   *
   * @param every how long it rests before each turn
   * @param work handles its own errors: after one that it throws, it has no further turn
   */
  public record Task(Duration every, Runnable work) {}

  /** Does nothing until it's started. */
  public Repeater(String thread, Task... tasks) {
    this.thread = thread;
    this.tasks = List.of(tasks);
  }

  /** Starts it, if it isn't running. */
  public synchronized void start() {
    if (timer == null) {
      timer =
          Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name(thread).factory());
      for (Task task : tasks) {
        long millis = task.every().toMillis();
        var _ = timer.scheduleWithFixedDelay(task.work(), millis, millis, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Stops it once what it is doing is done. */
  public synchronized void stop() {
    if (timer != null) {
      timer.close();
      timer = null;
    }
  }

  /** Whether it was started and not stopped. */
  public synchronized boolean isRunning() {
    return timer != null;
  }
}
