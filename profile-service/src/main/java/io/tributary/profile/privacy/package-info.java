/** Privacy requests: suppress, unsuppress, export, erase. */
@NullMarked
package io.tributary.profile.privacy;

import org.jspecify.annotations.NullMarked;
