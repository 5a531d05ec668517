package io.tributary.campaign.admin;

import io.tributary.campaign.admin.CampaignDraft.ChannelDraft;
import io.tributary.campaign.admin.CampaignDraft.TriggerDraft;
import io.tributary.campaign.journey.Channel;
import io.tributary.conditions.Condition;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.EventCondition;
import io.tributary.conditions.EventPattern;
import io.tributary.conditions.Parsed;
import io.tributary.event.Json;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A checked definition.
 *
 * @param consentCategory the consent without which nobody gets the message
 */
public record Definition(
    String name, Trigger trigger, Message message, @Nullable String consentCategory) {

  /** Where the secret of a campaign's webhooks is sealed to. */
  public static String secretPlace(String campaignId) {
    return "campaign.secret " + campaignId;
  }

  /** What makes somebody get the message. */
  public sealed interface Trigger {
    /** Somebody enters a segment. */
    record SegmentEntered(String segmentId) implements Trigger {}

    /** Somebody does something. */
    record OnEvent(EventPattern pattern) implements Trigger {}

    /** Everybody in a segment, once. */
    record Once(String segmentId) implements Trigger {}

    /** The segment that it is about. */
    default Optional<String> segment() {
      return switch (this) {
        case SegmentEntered(String segmentId) -> Optional.of(segmentId);
        case Once(String segmentId) -> Optional.of(segmentId);
        case OnEvent _ -> Optional.empty();
      };
    }
  }

  /** What is sent. */
  public sealed interface Message {
    /** How it travels. */
    Channel channel();

    /** A mail; has html, text or both. */
    record Email(String from, String subject, @Nullable String html, @Nullable String text)
        implements Message {
      @Override
      public Channel channel() {
        return Channel.EMAIL;
      }
    }

    /** A signed POST. */
    record Webhook(String url, @Nullable String body) implements Message {
      @Override
      public Channel channel() {
        return Channel.WEBHOOK;
      }
    }
  }

  /** The definition of a draft that was found to be without faults. */
  public static Definition of(CampaignDraft draft) {
    return new Definition(
        Objects.requireNonNull(draft.name()),
        trigger(Objects.requireNonNull(draft.trigger())),
        message(Objects.requireNonNull(draft.channel())),
        draft.consentCategory());
  }

  /** Reads a stored trigger. */
  public static Trigger trigger(String json) {
    return trigger(Json.MAPPER.readValue(json, TriggerDraft.class));
  }

  /** Reads a stored channel. */
  public static Message message(String json) {
    return message(Json.MAPPER.readValue(json, ChannelDraft.class));
  }

  private static Trigger trigger(TriggerDraft draft) {
    return switch (String.valueOf(draft.type())) {
      case "segment_entered" ->
          new Trigger.SegmentEntered(Objects.requireNonNull(draft.segmentId()));
      case "once" -> new Trigger.Once(Objects.requireNonNull(draft.segmentId()));
      case "event" -> new Trigger.OnEvent(pattern(draft));
      default -> throw new IllegalArgumentException("unknown trigger type");
    };
  }

  private static EventPattern pattern(TriggerDraft draft) {
    if (ConditionParser.parse(condition(draft)) instanceof Parsed.Valid(Condition condition)
        && condition instanceof EventCondition event) {
      return event.pattern();
    }
    throw new IllegalArgumentException("a stored trigger isn't an event pattern");
  }

  /** The trigger in the language of segments: "has performed this event". */
  static ObjectNode condition(TriggerDraft draft) {
    ObjectNode node = Json.MAPPER.createObjectNode().put("type", "event").put("performed", true);
    if (draft.event() != null) {
      node.put("event", draft.event());
    }
    if (draft.eventType() != null) {
      node.put("eventType", draft.eventType());
    }
    if (draft.name() != null) {
      node.put("name", draft.name());
    }
    if (draft.where() != null) {
      node.set("where", draft.where());
    }
    return node;
  }

  private static Message message(ChannelDraft draft) {
    return switch (String.valueOf(draft.type())) {
      case "email" ->
          new Message.Email(
              Objects.requireNonNull(draft.from()),
              Objects.requireNonNull(draft.subject()),
              draft.html(),
              draft.text());
      case "webhook" -> new Message.Webhook(Objects.requireNonNull(draft.url()), draft.body());
      default -> throw new IllegalArgumentException("unknown channel type");
    };
  }
}
