/** What may be sent, and what follows from an answer; pure decisions. */
@NullMarked
package io.tributary.campaign.journey;

import org.jspecify.annotations.NullMarked;
