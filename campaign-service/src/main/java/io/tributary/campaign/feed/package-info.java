/** What starts sends: segment crossings, events, and campaigns sent once to a segment. */
@NullMarked
package io.tributary.campaign.feed;

import org.jspecify.annotations.NullMarked;
