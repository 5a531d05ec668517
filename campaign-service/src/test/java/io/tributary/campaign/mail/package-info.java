/** Tests. */
@NullMarked
package io.tributary.campaign.mail;

import org.jspecify.annotations.NullMarked;
