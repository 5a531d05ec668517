package io.tributary.campaign.admin;

import io.tributary.campaign.admin.CampaignDraft.ChannelDraft;
import io.tributary.campaign.admin.CampaignDraft.TriggerDraft;
import io.tributary.campaign.mail.Sender;
import io.tributary.campaign.template.Escaping;
import io.tributary.campaign.template.LiquidTemplate;
import io.tributary.campaign.template.TemplateProblem;
import io.tributary.conditions.ConditionParser;
import io.tributary.conditions.Parsed;
import io.tributary.conditions.Problem;
import io.tributary.web.Faults;
import io.tributary.webhook.WebhookTargets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says all that is wrong with a draft, each fault with its path. */
public final class DefinitionCheck {
  private static final int MAX_NAME = 200;
  private static final int MAX_SUBJECT = 998;
  private static final int MAX_TEMPLATE = 64 * 1024;
  private static final Pattern SEGMENT_ID = Pattern.compile("seg_[0-9a-z]{26}");
  private static final Pattern CATEGORY = Pattern.compile("[\\p{L}\\p{N} _.:-]{1,100}");

  /** A mail that these start would cause them again. */
  private static final Set<String> CAUSED_BY_MAIL =
      Set.of("Email Sent", "Email Bounced", "Email Delivered");

  private final WebhookTargets targets;

  /** A check with these rules for webhook addresses. */
  public DefinitionCheck(WebhookTargets targets) {
    this.targets = targets;
  }

  /** The definition; ends the request with all faults where there is any. */
  public Definition check(CampaignDraft draft) {
    Faults faults = new Faults();
    faults.text(draft.name(), "name", MAX_NAME);
    if (draft.consentCategory() != null) {
      faults.matching(
          draft.consentCategory(),
          "consentCategory",
          CATEGORY,
          "1 to 100 letters, digits, spaces, or any of _ . : -");
    }
    TriggerDraft trigger = faults.required(draft.trigger(), "trigger");
    ChannelDraft channel = faults.required(draft.channel(), "channel");
    if (trigger != null) {
      trigger(trigger, channel, faults);
    }
    if (channel != null) {
      channel(channel, faults);
    }
    faults.throwIfAny();
    return Definition.of(draft);
  }

  private static void trigger(TriggerDraft trigger, @Nullable ChannelDraft channel, Faults faults) {
    switch (trigger.type()) {
      case "segment_entered", "once" -> {
        faults.matching(
            trigger.segmentId(), "trigger.segmentId", SEGMENT_ID, "a segment id, seg_…");
        absent(trigger.event(), "trigger.event", trigger.type(), faults);
        absent(trigger.eventType(), "trigger.eventType", trigger.type(), faults);
        absent(trigger.name(), "trigger.name", trigger.type(), faults);
        absent(trigger.where(), "trigger.where", trigger.type(), faults);
      }
      case "event" -> {
        absent(trigger.segmentId(), "trigger.segmentId", "event", faults);
        event(trigger, faults);
        boolean mail = channel != null && "email".equals(channel.type());
        faults.check(
            !(mail && trigger.event() != null && CAUSED_BY_MAIL.contains(trigger.event())),
            "trigger.event",
            "endless_loop",
            "would make each mail cause the next one; take an event that people cause, such as"
                + " Email Opened, or the webhook channel");
      }
      case null ->
          faults.add("trigger.type", "required", "must be one of event, once, segment_entered");
      default ->
          faults.add(
              "trigger.type", "invalid_value", "must be one of event, once, segment_entered");
    }
  }

  private static void event(TriggerDraft trigger, Faults faults) {
    if (trigger.event() == null && trigger.eventType() == null) {
      faults.add("trigger.event", "required", "is missing: the name of the event, or eventType");
      return;
    }
    if (ConditionParser.parse(Definition.condition(trigger))
        instanceof Parsed.Invalid(List<Problem> problems)) {
      problems.forEach(problem ->
          faults.add("trigger" + dotted(problem.path()), problem.code(), problem.message()));
    }
  }

  /** {@code /where/0/value} as {@code .where[0].value}. */
  private static String dotted(String pointer) {
    StringBuilder path = new StringBuilder();
    for (String step : pointer.split("/")) {
      if (step.matches("\\d+")) {
        path.append('[').append(step).append(']');
      } else if (!step.isEmpty()) {
        path.append('.').append(step);
      }
    }
    return path.toString();
  }

  private void channel(ChannelDraft channel, Faults faults) {
    switch (channel.type()) {
      case "email" -> email(channel, faults);
      case "webhook" -> webhook(channel, faults);
      case null -> faults.add("channel.type", "required", "must be one of email, webhook");
      default -> faults.add("channel.type", "invalid_value", "must be one of email, webhook");
    }
  }

  private static void email(ChannelDraft channel, Faults faults) {
    String from = faults.text(channel.from(), "channel.from", 320);
    faults.check(
        from.isEmpty() || Sender.isValid(from),
        "channel.from",
        "invalid_value",
        "must be one address: name@example.com or Name <name@example.com>");
    faults.text(channel.subject(), "channel.subject", MAX_SUBJECT);
    faults.check(
        channel.html() != null || channel.text() != null,
        "channel.html",
        "required",
        "is missing: a mail needs html, text, or both");
    template(channel.subject(), "channel.subject", Escaping.NONE, faults);
    template(channel.html(), "channel.html", Escaping.HTML, faults);
    template(channel.text(), "channel.text", Escaping.NONE, faults);
    absent(channel.url(), "channel.url", "email", faults);
    absent(channel.body(), "channel.body", "email", faults);
  }

  private void webhook(ChannelDraft channel, Faults faults) {
    String url = faults.text(channel.url(), "channel.url", 2000);
    if (!url.isEmpty()) {
      targets.objection(url).ifPresent(why -> faults.add("channel.url", "invalid_value", why));
    }
    template(channel.body(), "channel.body", Escaping.JSON, faults);
    absent(channel.from(), "channel.from", "webhook", faults);
    absent(channel.subject(), "channel.subject", "webhook", faults);
    absent(channel.html(), "channel.html", "webhook", faults);
    absent(channel.text(), "channel.text", "webhook", faults);
  }

  private static void template(
      @Nullable String source, String path, Escaping escaping, Faults faults) {
    if (source == null) {
      return;
    }
    if (source.length() > MAX_TEMPLATE) {
      faults.add(path, "too_long", "has more than " + MAX_TEMPLATE + " characters");
      return;
    }
    if (LiquidTemplate.compile(source, escaping)
        instanceof LiquidTemplate.Compiled.Invalid(List<TemplateProblem> problems)) {
      problems.forEach(problem -> faults.add(path, "invalid_template", problem.toString()));
    }
  }

  private static void absent(@Nullable Object value, String path, String type, Faults faults) {
    faults.check(value == null, path, "not_allowed", "has no meaning with type " + type);
  }
}
