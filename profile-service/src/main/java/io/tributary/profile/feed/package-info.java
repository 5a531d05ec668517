/** Resolved events and links in, profile changes out. */
@NullMarked
package io.tributary.profile.feed;

import org.jspecify.annotations.NullMarked;
