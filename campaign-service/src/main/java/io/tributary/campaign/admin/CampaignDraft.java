package io.tributary.campaign.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A campaign as people write it. Nothing is required here; {@link DefinitionCheck} says all that is
 * wrong at once.
 *
 * @param name for people
 * @param trigger what makes somebody get the message
 * @param channel how it travels and what it says
 * @param consentCategory the consent without which nobody gets it
 */
public record CampaignDraft(
    @Nullable String name,
    @Nullable TriggerDraft trigger,
    @Nullable ChannelDraft channel,
    @Nullable String consentCategory) {

  /**
   * What makes somebody get the message.
   *
   * @param type segment_entered, event, or once
   * @param segmentId for segment_entered and once
   * @param event for event: the name of a track call
   * @param eventType for event: page, screen, identify or group instead of a track call
   * @param name for event: the name of the page or screen
   * @param where for event: filters on its properties, as in segments
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TriggerDraft(
      @Nullable String type,
      @Nullable String segmentId,
      @Nullable String event,
      @Nullable String eventType,
      @Nullable String name,
      @Nullable JsonNode where) {}

  /**
   * How the message travels and what it says. The texts are Liquid templates.
   *
   * @param type email or webhook
   * @param from for email: the sender, {@code Name <address>}
   * @param subject for email
   * @param html for email: the message as HTML; this or text is needed
   * @param text for email: the message as plain text
   * @param url for webhook: where to post
   * @param body for webhook: the JSON to post; without one, an envelope with profile and event
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ChannelDraft(
      @Nullable String type,
      @Nullable String from,
      @Nullable String subject,
      @Nullable String html,
      @Nullable String text,
      @Nullable String url,
      @Nullable String body) {}
}
