/**
 * {@code ./tributary chaos}: load through the real door, faults by a seeded schedule, and an oracle
 * that compares what the product says afterwards with what its clients noted.
 */
@NullMarked
package io.tributary.acceptance.chaos;

import org.jspecify.annotations.NullMarked;
