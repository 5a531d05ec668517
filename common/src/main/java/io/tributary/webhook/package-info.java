/** Signed webhooks (Standard Webhooks), guarded against private addresses. */
@NullMarked
package io.tributary.webhook;

import org.jspecify.annotations.NullMarked;
