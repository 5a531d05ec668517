/** Signed webhooks (Standard Webhooks), guarded against private addresses. */
@NullMarked
package io.tributary.campaign.webhook;

import org.jspecify.annotations.NullMarked;
