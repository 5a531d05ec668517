/** What changes memberships: profile changes, the clock, and new or edited definitions. */
@NullMarked
package io.tributary.segment.feed;

import org.jspecify.annotations.NullMarked;
