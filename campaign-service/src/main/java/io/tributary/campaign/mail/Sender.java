package io.tributary.campaign.mail;

import io.tributary.campaign.journey.Eligibility;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The sender of a mail as people write it: {@code Name <address>}. */
public final class Sender {
  private Sender() {}

  /** Whether it is exactly one plain address, with or without a name. */
  public static boolean isValid(String from) {
    return parsed(from) != null;
  }

  /** Reads one that was found to be valid. */
  static InternetAddress parse(String from) {
    InternetAddress address = parsed(from);
    if (address == null) {
      throw new IllegalArgumentException("not a sender");
    }
    return address;
  }

  private static @Nullable InternetAddress parsed(String from) {
    if (from.chars().anyMatch(c -> c < 0x20 || c == 0x7f)) {
      return null;
    }
    try {
      InternetAddress[] all = InternetAddress.parse(from, true);
      if (all.length != 1 || all[0].isGroup() || !Eligibility.isEmailAddress(all[0].getAddress())) {
        return null;
      }
      return new InternetAddress(
          all[0].getAddress(), all[0].getPersonal(), StandardCharsets.UTF_8.name());
    } catch (AddressException | UnsupportedEncodingException e) {
      return null;
    }
  }
}
