package io.tributary.webhook;

import java.net.UnknownHostException;

/** The host has no address that may be connected to. */
public final class ForbiddenAddressException extends UnknownHostException {
  private static final long serialVersionUID = 1;

  ForbiddenAddressException() {
    super("the host has only addresses that may not be reached");
  }
}
