/**
 * Who may send and who may ask: workspaces, sources with their write keys, API tokens. Kept by
 * people at human pace, so plain Spring Data JPA; the rest of the system reads the views of schema
 * {@code access}. Import {@link io.tributary.ingestion.admin.AccessAdminConfiguration}.
 */
@NullMarked
package io.tributary.ingestion.admin;

import org.jspecify.annotations.NullMarked;
