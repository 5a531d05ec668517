package io.tributary.access;

import java.util.Set;

/**
 * Who is calling: the workspace that an API token belongs to, and what the token may do. Handed to
 * an endpoint that declares a parameter of this type; every store method takes the workspace id
 * from here and nowhere else.
 */
public record Caller(String workspaceId, String tokenId, Set<String> scopes) {
  /** Copies the scopes. */
  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /** Whether the token was given the scope, or everything. */
  public boolean may(String scope) {
    return Scopes.cover(scopes, scope);
  }
}
