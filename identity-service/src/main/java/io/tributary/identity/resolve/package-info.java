/**
 * Whose an event is: pure decisions over an identity graph. A <em>home</em> is a profile id to
 * which identifiers and events are assigned for good; a merge links two roots; the root of a home's
 * links is its canonical profile. All homes below one root are its component.
 */
@NullMarked
package io.tributary.identity.resolve;

import org.jspecify.annotations.NullMarked;
