/** Tests. */
@NullMarked
package io.tributary.campaign.track;

import org.jspecify.annotations.NullMarked;
