package io.tributary.campaign.template;

/** A template that could not be rendered with these values. The message holds no values. */
public final class RenderException extends Exception {
  private static final long serialVersionUID = 1;

  RenderException(String message) {
    super(message);
  }

  /** A failure for this reason, which must hold no values. */
  public static RenderException because(String reason) {
    return new RenderException(reason);
  }
}
