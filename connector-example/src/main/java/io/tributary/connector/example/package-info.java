/** An example of a connector: files with a line for each message. */
@NullMarked
package io.tributary.connector.example;

import org.jspecify.annotations.NullMarked;
