/** Tests. */
@NullMarked
package io.tributary.webhook;

import org.jspecify.annotations.NullMarked;
