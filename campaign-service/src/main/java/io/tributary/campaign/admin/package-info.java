/** Campaign definitions and their life: draft, active, paused, stopped, finished. */
@NullMarked
package io.tributary.campaign.admin;

import org.jspecify.annotations.NullMarked;
