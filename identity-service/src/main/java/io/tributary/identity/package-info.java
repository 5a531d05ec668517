/** Works out whose each event is. */
@NullMarked
package io.tributary.identity;

import org.jspecify.annotations.NullMarked;
