package io.tributary.campaign.journey;

/**
 * What became of one attempt to send. Details are codes and numbers of the provider, never personal
 * data.
 */
public sealed interface SendResult {

  /** The provider has taken it. */
  record Accepted(String detail) implements SendResult {}

  /**
   * The receiving side refuses this message for good.
   *
   * @param addressIsBad whether that is the address's fault, so that nothing more is sent there
   */
  record Refused(String reason, String detail, boolean addressIsBad) implements SendResult {}

  /** It certainly wasn't taken; a later attempt may succeed. */
  record Deferred(String reason, String detail) implements SendResult {}

  /** Nobody can say whether it was taken. */
  record Unknown(String reason, String detail) implements SendResult {}

  /** It can't be sent as it is, whoever the receiver: no template result, wrong settings. */
  record Impossible(String reason, String detail) implements SendResult {}

  /** The receiver wants nothing of this campaign any more. */
  record EndpointGone(String detail) implements SendResult {}
}
