/**
 * The HTTP API for profiles, privacy requests, the fate of an event, and the state of the pipeline.
 */
@NullMarked
package io.tributary.profile.web;

import org.jspecify.annotations.NullMarked;
