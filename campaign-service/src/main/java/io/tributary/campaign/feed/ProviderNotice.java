package io.tributary.campaign.feed;

import io.tributary.campaign.journey.Eligibility;
import io.tributary.event.CollectedEvent;
import io.tributary.event.Json;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What a mail provider tells of an address by a webhook that was verified: that it gets nothing
 * more.
 *
 * @param reason for people, and for its way back: {@code unsubscribed}, {@code complained} or
 *     {@code bounced}
 */
record ProviderNotice(String workspaceId, String address, String reason) {
  /** What providers call a bounce that will be the same next time; others may pass. */
  private static final Set<String> FOR_GOOD = Set.of("bounce", "hard", "permanent", "cleaned");

  /**
   * What the event tells; empty where it's of another kind, or where anybody could have said it.
   */
  static Optional<ProviderNotice> of(CollectedEvent event) {
    if (!event.signed() || event.event() == null || event.context() == null) {
      return Optional.empty();
    }
    String reason =
        switch (Objects.requireNonNull(event.event())) {
          case "Unsubscribed" -> "unsubscribed";
          case "Email Marked as Spam" -> "complained";
          case "Email Bounced" -> isForGood(event) ? "bounced" : "";
          default -> "";
        };
    if (reason.isEmpty()) {
      return Optional.empty();
    }
    String address =
        tree(Objects.requireNonNull(event.context()).toBytes())
            .at("/traits/email")
            .asString("")
            .strip();
    return Eligibility.isEmailAddress(address)
        ? Optional.of(new ProviderNotice(event.workspaceId(), address, reason))
        : Optional.empty();
  }

  private static boolean isForGood(CollectedEvent event) {
    return event.properties() != null
        && FOR_GOOD.contains(tree(event.properties().toBytes()).path("bounce_type").asString(""));
  }

  private static JsonNode tree(byte[] json) {
    return Json.MAPPER.readTree(json);
  }

  @Override
  public String toString() {
    return "ProviderNotice[" + reason + "]";
  }
}
