/**
 * Tributary as separate processes on this machine: what Docker Compose would run, read from the
 * same files, with processes in the place of containers.
 */
@NullMarked
package io.tributary.acceptance.processes;

import org.jspecify.annotations.NullMarked;
