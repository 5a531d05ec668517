/** All SQL on deliveries, suppressions, outbound events and the profile store's views. */
@NullMarked
package io.tributary.campaign.store;

import org.jspecify.annotations.NullMarked;
