/** Tests. */
@NullMarked
package io.tributary.campaign.admin;

import org.jspecify.annotations.NullMarked;
