/**
 * Pulls: rows of other people's databases that become events, read again and again from where the
 * last turn has ended.
 */
@NullMarked
package io.tributary.ingestion.pull;

import org.jspecify.annotations.NullMarked;
