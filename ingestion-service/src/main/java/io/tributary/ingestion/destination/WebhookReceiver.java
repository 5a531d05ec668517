package io.tributary.ingestion.destination;

import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookClient.Reply.Answered;
import io.tributary.webhook.WebhookClient.Reply.Forbidden;
import io.tributary.webhook.WebhookClient.Reply.NoAnswer;
import io.tributary.webhook.WebhookClient.Reply.NotReached;
import io.tributary.webhook.WebhookSecret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Posts messages as signed webhooks. */
final class WebhookReceiver implements Receiver {
  private final WebhookClient client;
  private final String url;
  private final Supplier<List<WebhookSecret>> secrets;

  /**
   * A receiver.
   *
   * @param secrets those that sign at the moment
   */
  WebhookReceiver(WebhookClient client, String url, Supplier<List<WebhookSecret>> secrets) {
    this.client = client;
    this.url = url;
    this.secrets = secrets;
  }

  @Override
  public List<Outcome> deliver(List<Message> messages) {
    return messages.stream().map(this::deliver).toList();
  }

  private Outcome deliver(Message message) {
    return outcome(
        client.send(new WebhookClient.Webhook(message.id(), url, secrets.get(), message.body())));
  }

  static Outcome outcome(WebhookClient.Reply reply) {
    return switch (reply) {
      case Answered(int status, Optional<Duration> retryAfter) -> outcome(status, retryAfter);
      case NotReached(String reason) -> new Outcome.Deferred(reason, Optional.empty(), true);
      case NoAnswer() -> new Outcome.Deferred("no_answer", Optional.empty(), false);
      case Forbidden(String reason) -> new Outcome.Deferred(reason, Optional.empty(), true);
    };
  }

  /**
   * Only what says that this message is no good ends it. A wrong address or a missing permission is
   * the receiver's or the definition's fault: everything waits until somebody has mended it.
   */
  private static Outcome outcome(int status, Optional<Duration> retryAfter) {
    if (status / 100 == 2) {
      return new Outcome.Delivered();
    }
    return switch (status) {
      case 400, 413, 415, 422 -> new Outcome.Refused("status_" + status);
      case 410 -> new Outcome.Gone();
      default -> new Outcome.Deferred("status_" + status, retryAfter, false);
    };
  }
}
