/** The HTTP API of segments. */
@NullMarked
package io.tributary.segment.web;

import org.jspecify.annotations.NullMarked;
