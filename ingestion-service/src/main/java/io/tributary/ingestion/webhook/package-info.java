/**
 * Webhooks of known providers: is a request genuine, and which calls does it stand for. Decides
 * only; who asked and where the calls go is the collector's business. A provider is a file of data
 * in {@code resources/webhooks}.
 */
@NullMarked
package io.tributary.ingestion.webhook;

import org.jspecify.annotations.NullMarked;
