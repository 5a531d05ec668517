/** The shared profile store: events, traits, links between profiles, consent, privacy requests. */
@NullMarked
package io.tributary.profile;

import org.jspecify.annotations.NullMarked;
