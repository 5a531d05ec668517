/**
 * TLS from Spring's SSL bundle {@code tributary}, whose files the settings {@code TRIBUTARY_TLS_…}
 * name. Whatever is made here follows the files: each new connection takes what they hold then.
 */
@NullMarked
package io.tributary.tls;

import org.jspecify.annotations.NullMarked;
