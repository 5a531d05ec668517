/** The chaos run itself, tested: its oracle finds what is planted. */
@NullMarked
package io.tributary.acceptance.chaos;

import org.jspecify.annotations.NullMarked;
