/** Other people's Postgres servers: where they are, and what stands against reaching them. */
@NullMarked
package io.tributary.ingestion.postgres;

import org.jspecify.annotations.NullMarked;
