/**
 * What a profile is, given its parts: traits and consent by time, homes joined by links. Pure: no
 * I/O, no clock.
 */
@NullMarked
package io.tributary.profile.merge;

import org.jspecify.annotations.NullMarked;
