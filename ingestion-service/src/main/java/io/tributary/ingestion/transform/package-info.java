/** What is done to each event of a source before it's judged: pure, by rules that people write. */
@NullMarked
package io.tributary.ingestion.transform;

import org.jspecify.annotations.NullMarked;
