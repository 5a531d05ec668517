/** Tests. */
@NullMarked
package io.tributary.campaign.send;

import org.jspecify.annotations.NullMarked;
