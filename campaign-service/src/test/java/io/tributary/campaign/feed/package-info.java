/** Tests. */
@NullMarked
package io.tributary.campaign.feed;

import org.jspecify.annotations.NullMarked;
