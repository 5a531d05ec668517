/** All SQL of the identity graph. */
@NullMarked
package io.tributary.identity.store;

import org.jspecify.annotations.NullMarked;
