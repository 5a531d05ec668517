package io.tributary.campaign.send;

import io.tributary.access.SecretBox;
import io.tributary.campaign.admin.Definition;
import io.tributary.campaign.admin.Definition.Message;
import io.tributary.campaign.journey.SendResult;
import io.tributary.campaign.mail.Mail;
import io.tributary.campaign.mail.SmtpMailer;
import io.tributary.campaign.send.Renderer.Material;
import io.tributary.campaign.template.RenderException;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookClient.Reply.Answered;
import io.tributary.webhook.WebhookClient.Reply.Forbidden;
import io.tributary.webhook.WebhookClient.Reply.NoAnswer;
import io.tributary.webhook.WebhookClient.Reply.NotReached;
import io.tributary.webhook.WebhookSecret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Renders one message and hands it to its provider. */
public final class Courier {
  private final Renderer renderer;
  private final @Nullable SmtpMailer mailer;
  private final WebhookClient webhooks;
  private final SecretBox box;

  /** A courier; without a mailer mails wait. The box opens the secrets of webhooks. */
  public Courier(
      Renderer renderer, @Nullable SmtpMailer mailer, WebhookClient webhooks, SecretBox box) {
    this.renderer = renderer;
    this.mailer = mailer;
    this.webhooks = webhooks;
    this.box = box;
  }

  /** What became of it, with the headers to remember it by. */
  public record Sent(SendResult result, @Nullable String subject, @Nullable String messageId) {
    static Sent without(SendResult result) {
      return new Sent(result, null, null);
    }

    @Override
    public String toString() {
      return "Sent[" + result + "]";
    }
  }

  /** Sends a message; {@code sealedSecret} is as the campaign's row has it. */
  public Sent send(
      Message message, @Nullable String sealedSecret, @Nullable String address, Material material) {
    try {
      return switch (message) {
        case Message.Email email -> mail(email, address, material);
        case Message.Webhook webhook -> webhook(webhook, sealedSecret, material);
      };
    } catch (RenderException e) {
      return Sent.without(
          new SendResult.Impossible("render_failed", String.valueOf(e.getMessage())));
    }
  }

  private Sent mail(Message.Email email, @Nullable String address, Material material)
      throws RenderException {
    if (mailer == null) {
      return Sent.without(new SendResult.Deferred("smtp_not_configured", ""));
    }
    if (address == null) {
      return Sent.without(new SendResult.Impossible("no_address", ""));
    }
    Mail mail = renderer.mail(email, address, material);
    return new Sent(mailer.send(mail), mail.subject(), mail.messageId());
  }

  private Sent webhook(Message.Webhook webhook, @Nullable String sealedSecret, Material material)
      throws RenderException {
    if (sealedSecret == null) {
      return Sent.without(new SendResult.Impossible("no_secret", ""));
    }
    byte[] body = renderer.webhook(webhook, material);
    String id = material.place().deliveryId();
    WebhookSecret secret =
        WebhookSecret.open(box, Definition.secretPlace(material.campaignId()), sealedSecret);
    WebhookClient.Reply reply =
        webhooks.send(new WebhookClient.Webhook(id, webhook.url(), List.of(secret), body));
    return new Sent(result(reply), null, id);
  }

  static SendResult result(WebhookClient.Reply reply) {
    return switch (reply) {
      case Answered(int status, Optional<Duration> _) -> result(status);
      case NotReached(String reason) -> new SendResult.Deferred(reason, "");
      case NoAnswer() -> new SendResult.Unknown("no_answer", "");
      case Forbidden(String reason) -> new SendResult.Impossible(reason, "");
    };
  }

  private static SendResult result(int status) {
    String detail = Integer.toString(status);
    if (status / 100 == 2) {
      return new SendResult.Accepted(detail);
    }
    return switch (status) {
      case 410 -> new SendResult.EndpointGone(detail);
      case 408, 425, 429 -> new SendResult.Deferred("refused_for_now", detail);
      default ->
          status >= 500
              ? new SendResult.Deferred("receiver_failed", detail)
              : new SendResult.Refused("refused", detail, false);
    };
  }
}
