/** The management API of the identity graph. */
@NullMarked
package io.tributary.identity.web;

import org.jspecify.annotations.NullMarked;
