/**
 * What tests share: one Postgres and one Kafka per JVM, a clock that tests set. Used in test scope
 * only.
 */
@NullMarked
package io.tributary.testing;

import org.jspecify.annotations.NullMarked;
