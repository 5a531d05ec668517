/** What was refused, here and by the other services: kept, shown, and put back. */
@NullMarked
package io.tributary.ingestion.quarantine;

import org.jspecify.annotations.NullMarked;
