/**
 * The decision about memberships, pure: what is known of a profile goes in, transitions and due
 * times come out.
 */
@NullMarked
package io.tributary.segment.membership;

import org.jspecify.annotations.NullMarked;
