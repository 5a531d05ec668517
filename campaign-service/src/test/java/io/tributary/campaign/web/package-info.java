/** Tests. */
@NullMarked
package io.tributary.campaign.web;

import org.jspecify.annotations.NullMarked;
