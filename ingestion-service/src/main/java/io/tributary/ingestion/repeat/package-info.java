/** What several parts of the service do again and again. */
@NullMarked
package io.tributary.ingestion.repeat;

import org.jspecify.annotations.NullMarked;
