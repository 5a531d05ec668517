package io.tributary.acceptance.processes;

import java.nio.file.Path;

/**
 * One process of the product, in the place of a container: what can be killed, frozen and started
 * by itself.
 */
public sealed interface Program permits JavaProgram, PostgresProgram {

  /** Such as {@code identity-2}, {@code kafka-1} or {@code postgres-1}. */
  String name();

  /** The process' number while it lives. */
  long pid();

  /** Whether it runs; a frozen one does. */
  boolean isAlive();

  /** Where it writes what it has to say; each start goes on in the same file. */
  Path log();

  /** Starts it, and returns once it is healthy. */
  void start();

  /** Starts it without waiting for its health; for a server that it needs is away. */
  void launch();

  /** Returns once it is healthy; fails when it ends or takes too long. */
  void awaitHealthy();

  /** Asks it to end (SIGTERM), and returns when it has. */
  void stop();

  /** Ends it without a chance to do anything (SIGKILL), and returns when it has ended. */
  void kill();

  /** Keeps it from doing anything (SIGSTOP), as a machine without time for it would. */
  void freeze();

  /** Lets a frozen one go on (SIGCONT). */
  void thaw();

  /** Stops and starts it. */
  default void restart() {
    stop();
    start();
  }
}
