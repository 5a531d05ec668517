/**
 * The tour: a generated shop whose outcome is known, posted to a running Tributary and checked from
 * outside.
 */
@NullMarked
package io.tributary.demo;

import org.jspecify.annotations.NullMarked;
