package io.tributary.acceptance.chaos;

/** How the product runs. */
enum Shape {
  /** All services, Kafka and Postgres' launcher in one process, as {@code tributary start} does. */
  ONE_PROCESS("one"),
  /** Each service, Kafka and Postgres as a process of its own. */
  SEPARATE("separate");

  private final String word;

  Shape(String word) {
    this.word = word;
  }

  /** As the option {@code --shape} takes it. */
  String word() {
    return word;
  }
}
