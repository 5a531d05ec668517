/** Events in, resolved events and merges out. */
@NullMarked
package io.tributary.identity.feed;

import org.jspecify.annotations.NullMarked;
