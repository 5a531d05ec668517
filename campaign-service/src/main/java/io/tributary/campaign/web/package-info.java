/** The HTTP API of campaigns and the public links in messages. */
@NullMarked
package io.tributary.campaign.web;

import org.jspecify.annotations.NullMarked;
