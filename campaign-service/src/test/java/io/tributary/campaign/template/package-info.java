/** Tests. */
@NullMarked
package io.tributary.campaign.template;

import org.jspecify.annotations.NullMarked;
