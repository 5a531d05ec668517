/** Tests of the segment language. */
@NullMarked
package io.tributary.conditions;

import org.jspecify.annotations.NullMarked;
