/**
 * The one door in front of the services: routes, one OpenAPI document, one health answer. It keeps
 * no state and checks no token of the API; each service does that itself.
 */
@NullMarked
package io.tributary.gateway;

import org.jspecify.annotations.NullMarked;
