/** Tests. */
@NullMarked
package io.tributary.campaign.webhook;

import org.jspecify.annotations.NullMarked;
