/** Messages over SMTP, with a truthful account of what became of each. */
@NullMarked
package io.tributary.campaign.mail;

import org.jspecify.annotations.NullMarked;
