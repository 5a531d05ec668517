package io.tributary.campaign.journey;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decides whether a delivery that is due may be sent. */
public final class Eligibility {
  private static final int LONGEST_ADDRESS = 254;

  // Deliberately narrow: what has quotes, comments, routes, lists or line breaks is never sent to.
  private static final Pattern EMAIL =
      Pattern.compile(
          "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
              + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

  /** The order is that of importance: the first objection is the one recorded. */
  private static final List<Policy> POLICIES =
      List.of(
          Eligibility::campaignRuns,
          Eligibility::personIsKnown,
          Eligibility::notBlocked,
          Eligibility::notSentInThisRun,
          Eligibility::addressIsUsable,
          Eligibility::notSuppressed,
          Eligibility::consentGiven);

  private Eligibility() {}

  /**
   * What is known of a due delivery, read under the locks of its claim.
   *
   * @param stopped whether the campaign was stopped for good
   * @param profileKnown whether the profile still exists
   * @param block the privacy block on the person, if there is one
   * @param sentInThisRun whether this run of the campaign has already reached the same person under
   *     a profile that was merged with this one
   * @param consentCategory the consent that the campaign needs, if it needs one
   * @param granted the categories that the person has granted
   */
  public record Facts(
      Channel channel,
      boolean stopped,
      boolean profileKnown,
      @Nullable Block block,
      boolean sentInThisRun,
      @Nullable String address,
      boolean suppressed,
      @Nullable String consentCategory,
      Set<String> granted) {
    /** Copies the set. */
    public Facts {
      granted = Set.copyOf(granted);
    }
  }

  /** A person's privacy block. */
  public enum Block {
    SUPPRESSED,
    ERASED
  }

  @FunctionalInterface
  private interface Policy {
    Optional<SkipReason> objection(Facts facts);
  }

  /** The reason not to send, or empty when the delivery may be claimed. */
  public static Optional<SkipReason> objection(Facts facts) {
    return POLICIES.stream().flatMap(policy -> policy.objection(facts).stream()).findFirst();
  }

  /** Whether mail can be sent to this text at all. */
  public static boolean isEmailAddress(String text) {
    return text.length() <= LONGEST_ADDRESS && EMAIL.matcher(text).matches();
  }

  private static Optional<SkipReason> campaignRuns(Facts facts) {
    return unless(!facts.stopped(), SkipReason.CAMPAIGN_STOPPED);
  }

  private static Optional<SkipReason> personIsKnown(Facts facts) {
    return unless(facts.profileKnown() || facts.block() != null, SkipReason.PROFILE_UNKNOWN);
  }

  private static Optional<SkipReason> notBlocked(Facts facts) {
    return switch (facts.block()) {
      case null -> Optional.empty();
      case SUPPRESSED -> Optional.of(SkipReason.PROFILE_SUPPRESSED);
      case ERASED -> Optional.of(SkipReason.PROFILE_ERASED);
    };
  }

  private static Optional<SkipReason> notSentInThisRun(Facts facts) {
    return unless(!facts.sentInThisRun(), SkipReason.ALREADY_SENT_IN_RUN);
  }

  private static Optional<SkipReason> addressIsUsable(Facts facts) {
    return switch (facts.channel()) {
      case WEBHOOK -> Optional.empty();
      case EMAIL ->
          facts.address() == null
              ? Optional.of(SkipReason.NO_ADDRESS)
              : unless(isEmailAddress(facts.address()), SkipReason.INVALID_ADDRESS);
    };
  }

  private static Optional<SkipReason> notSuppressed(Facts facts) {
    return unless(!facts.suppressed(), SkipReason.ADDRESS_SUPPRESSED);
  }

  private static Optional<SkipReason> consentGiven(Facts facts) {
    return unless(
        facts.consentCategory() == null || facts.granted().contains(facts.consentCategory()),
        SkipReason.NO_CONSENT);
  }

  private static Optional<SkipReason> unless(boolean fine, SkipReason reason) {
    return fine ? Optional.empty() : Optional.of(reason);
  }
}
