/**
 * All of Tributary in one process: Postgres, Kafka and the services, and the {@code tributary}
 * command.
 */
@NullMarked
package io.tributary.standalone;

import org.jspecify.annotations.NullMarked;
