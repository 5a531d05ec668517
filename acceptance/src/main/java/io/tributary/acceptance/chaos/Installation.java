package io.tributary.acceptance.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The product under test, running in one of its shapes. */
sealed interface Installation extends AutoCloseable permits OneProcess, SeparateServices {

  /** How to reach it, now. */
  Target target() throws IOException;

  /** Whether this machine lets us make a fault. */
  boolean allows(Fault fault);

  /** Number of the first process of Postgres. */
  long postmaster() throws IOException;

  /** Has Postgres run again, where nobody in the product does that by itself. */
  void healPostgres() throws IOException;

  /** Where its processes write what they have to say. */
  List<Path> logs() throws IOException;

  /** Stops it in order. */
  @Override
  void close() throws IOException;
}
