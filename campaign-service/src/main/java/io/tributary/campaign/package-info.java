/** Campaigns: enrolls, decides, renders, sends at most once per trigger, and measures. */
@NullMarked
package io.tributary.campaign;

import org.jspecify.annotations.NullMarked;
