/** The test that every connector has to pass. */
@NullMarked
package io.tributary.connector.contract;

import org.jspecify.annotations.NullMarked;
