/**
 * What every HTTP API of Tributary has in common: problem details, strict JSON, cursor paging,
 * versions by ETag, idempotency keys, and the OpenAPI document. Import {@link
 * io.tributary.web.WebConfiguration}.
 */
@NullMarked
package io.tributary.web;

import org.jspecify.annotations.NullMarked;
