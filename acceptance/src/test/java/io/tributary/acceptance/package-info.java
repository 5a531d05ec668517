/** The product as its users meet it: through its script, its two addresses, and what it sends. */
@NullMarked
package io.tributary.acceptance;

import org.jspecify.annotations.NullMarked;
