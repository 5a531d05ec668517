package io.tributary.campaign.mail;

import org.jspecify.annotations.Nullable;

/**
 * One mail, ready to go.
 *
 * @param messageId with angle brackets
 * @param unsubscribeUrl for one-click unsubscription (RFC 8058)
 */
public record Mail(
    String messageId,
    String from,
    String to,
    String subject,
    @Nullable String html,
    @Nullable String text,
    String unsubscribeUrl) {
  /** A header's value comes from people and templates, so it never holds a line break. */
  public Mail {
    for (String header : new String[] {messageId, from, to, subject, unsubscribeUrl}) {
      if (header.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
        throw new IllegalArgumentException("a mail header holds a control character");
      }
    }
    if (html == null && text == null) {
      throw new IllegalArgumentException("a mail needs html or text");
    }
  }

  @Override
  public String toString() {
    return "Mail[" + messageId + "]";
  }
}
