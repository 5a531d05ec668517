/**
 * Postgres and Kafka inside the product: started, checked, and brought back after any kind of end.
 * Plain Java, no Spring; the product and the tests use the same launchers.
 */
@NullMarked
package io.tributary.embedded;

import org.jspecify.annotations.NullMarked;
