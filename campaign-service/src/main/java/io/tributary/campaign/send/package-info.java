/** Claims what is due, sends it and records the outcome. */
@NullMarked
package io.tributary.campaign.send;

import org.jspecify.annotations.NullMarked;
