/** Liquid templates: escaped by context, bounded, without access to Java. */
@NullMarked
package io.tributary.campaign.template;

import org.jspecify.annotations.NullMarked;
