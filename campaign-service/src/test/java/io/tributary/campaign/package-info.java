/** Tests. */
@NullMarked
package io.tributary.campaign;

import org.jspecify.annotations.NullMarked;
