package io.tributary.access;

import io.tributary.web.Problem;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is calling: the workspace that an API token belongs to, and what the token may do. Handed to
 * an endpoint that declares a parameter of this type; every store method takes the workspace id
 * from here and nowhere else.
 */
public record Caller(String workspaceId, String tokenId, Set<String> scopes) {
  private static final Logger LOG = LoggerFactory.getLogger(Caller.class);

  /** Copies the scopes. */
  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /** Ends the request with 403 unless the token was given the scope. */
  public void require(String scope) {
    if (!may(scope)) {
      LOG.warn("access action=authorize outcome=refused token={} scope={}", tokenId, scope);
      throw Problem.forbidden(
          "scope_missing",
          "This needs the scope "
              + scope
              + ", which the token was not given. Use a token with it.");
    }
  }

  /** Whether the token was given the scope, or everything. */
  public boolean may(String scope) {
    return Scopes.cover(scopes, scope);
  }
}
