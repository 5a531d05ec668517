/** Files whose rows become events: uploaded in parts, tried, and taken in where that is asked. */
@NullMarked
package io.tributary.ingestion.files;

import org.jspecify.annotations.NullMarked;
