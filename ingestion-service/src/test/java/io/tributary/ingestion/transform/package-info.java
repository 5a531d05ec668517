@NullMarked
package io.tributary.ingestion.transform;

import org.jspecify.annotations.NullMarked;
