@NullMarked
package io.tributary.benchmarks;

import org.jspecify.annotations.NullMarked;
