/** All SQL of this service. */
@NullMarked
package io.tributary.profile.store;

import org.jspecify.annotations.NullMarked;
