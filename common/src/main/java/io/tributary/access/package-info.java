/**
 * Who may do what: API tokens with scopes, the caller of a request, and write keys. Import {@link
 * io.tributary.access.AccessConfiguration}; the tables belong to ingestion-service, others read its
 * views.
 */
@NullMarked
package io.tributary.access;

import org.jspecify.annotations.NullMarked;
