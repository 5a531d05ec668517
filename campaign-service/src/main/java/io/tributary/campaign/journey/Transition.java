package io.tributary.campaign.journey;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What follows from the result of an attempt.
 *
 * @param state the delivery's next state
 * @param outcome a stable code
 * @param detail what the provider said, without personal data
 * @param dueAt when the next attempt is due; only with {@link DeliveryState#PENDING}
 * @param suppress whether the address gets nothing more
 * @param event what to report about it, if anything
 * @param pauseCampaign whether the campaign pauses, since its receiver is gone
 */
public record Transition(
    DeliveryState state,
    String outcome,
    String detail,
    @Nullable Instant dueAt,
    boolean suppress,
    @Nullable Report event,
    boolean pauseCampaign) {

  /** An event that goes back through the front door. */
  public enum Report {
    SENT,
    BOUNCED
  }

  /**
   * Decides what follows.
   *
   * @param attempts how many attempts were made, this one included
   * @param random from 0 to 1
   */
  public static Transition after(
      Channel channel, SendResult result, int attempts, Instant now, double random) {
    boolean reported = channel == Channel.EMAIL;
    return switch (result) {
      case SendResult.Accepted(String detail) ->
          end(DeliveryState.SENT, "accepted", detail, false, reported ? Report.SENT : null);
      case SendResult.Refused(String reason, String detail, boolean bad) ->
          end(DeliveryState.BOUNCED, reason, detail, bad, reported ? Report.BOUNCED : null);
      case SendResult.Deferred(String reason, String detail) ->
          deferred(reason, detail, RetryPolicy.waitAfter(attempts, random), now);
      case SendResult.Unknown(String reason, String detail) ->
          end(DeliveryState.UNCERTAIN, reason, detail, false, null);
      case SendResult.Impossible(String reason, String detail) ->
          end(DeliveryState.FAILED, reason, detail, false, null);
      case SendResult.EndpointGone(String detail) ->
          new Transition(DeliveryState.FAILED, "endpoint_gone", detail, null, false, null, true);
    };
  }

  private static Transition deferred(
      String reason, String detail, Optional<Duration> wait, Instant now) {
    return wait.map(time ->
            new Transition(
                DeliveryState.PENDING, reason, detail, now.plus(time), false, null, false))
        .orElseGet(() -> end(DeliveryState.FAILED, "gave_up_" + reason, detail, false, null));
  }

  private static Transition end(
      DeliveryState state,
      String outcome,
      String detail,
      boolean suppress,
      @Nullable Report report) {
    return new Transition(state, outcome, detail, null, suppress, report, false);
  }
}
