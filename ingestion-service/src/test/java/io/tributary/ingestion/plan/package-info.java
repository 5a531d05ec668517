@NullMarked
package io.tributary.ingestion.plan;

import org.jspecify.annotations.NullMarked;
