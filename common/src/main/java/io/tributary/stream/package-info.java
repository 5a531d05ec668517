/**
 * How once is kept: positions in Postgres, the batch loop, Kafka transactions for what comes out,
 * quarantine, change logs and position tokens.
 */
@NullMarked
package io.tributary.stream;

import org.jspecify.annotations.NullMarked;
