/** Tests. */
@NullMarked
package io.tributary.campaign.journey;

import org.jspecify.annotations.NullMarked;
