/** The customer event and the records that services exchange, with their JSON form. */
@NullMarked
package io.tributary.event;

import org.jspecify.annotations.NullMarked;
