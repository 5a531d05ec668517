package io.tributary.acceptance;

/** How the product runs. A scenario that takes one of these is played in both. */
enum Shape {
  ONE_PROCESS,
  SEPARATE;

  /** Shared by tests that don't break it, and stopped with the JVM. */
  Running product() {
    return switch (this) {
      case ONE_PROCESS -> Product.shared();
      case SEPARATE -> Processes.shared();
    };
  }
}
