/** Events as they come in, for whoever watches. */
@NullMarked
package io.tributary.ingestion.live;

import org.jspecify.annotations.NullMarked;
