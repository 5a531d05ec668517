/** Measures the product from outside: a load generator, what the machine can do, and the report. */
@NullMarked
package io.tributary.benchmarks;

import org.jspecify.annotations.NullMarked;
