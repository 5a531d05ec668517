/**
 * What a connector is made of: code of somebody else's that delivers messages to a system which
 * Tributary doesn't know. A jar with an implementation of {@link io.tributary.connector.Connector},
 * named in {@code META-INF/services/io.tributary.connector.Connector}, is all it takes; {@code
 * docs/collect/connectors.md} says where it goes.
 *
 * <p>Nothing here is taken away or changed in meaning as long as the package has this name.
 */
@NullMarked
package io.tributary.connector;

import org.jspecify.annotations.NullMarked;
