package io.tributary.ingestion.destination;

import io.tributary.event.Json;
import io.tributary.event.ProfileId;
import io.tributary.ingestion.destination.Target.Http;
import io.tributary.ingestion.destination.Target.Shape;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookClient.Reply.Answered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Makes requests of messages, in the shape that another system wants them in: of each message one,
 * or of many together. What is in no shape, or lacks what a request must have, isn't sent.
 */
final class HttpReceiver implements Receiver {
  /** After which no more requests are begun at one time. */
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final int MULTI_STATUS = 207;

  private final WebhookClient client;
  private final Http target;
  private final String secret;

  HttpReceiver(WebhookClient client, Http target, String secret) {
    this.client = client;
    this.target = target;
    this.secret = secret;
  }

  @Override
  public int most() {
    return target.shapes().stream().mapToInt(Shape::batch).max().orElse(1);
  }

  @Override
  public List<Outcome> deliver(List<Message> messages) {
    Batch batch = new Batch(messages);
    for (int i = 0; i < messages.size() && !batch.over; i++) {
      batch.add(i);
    }
    batch.flush();
    return Arrays.asList(batch.outcomes);
  }

  private Optional<Shape> shape(Message message) {
    return target.shapes().stream()
        .filter(each -> each.types().contains(message.type()))
        .findFirst();
  }

  private Template.Values values(Message message) {
    return new Template.Values(
        Json.EXACT.readTree(message.body()), message.id(), secret, Json.MAPPER.createArrayNode());
  }

  /** A message that is to go into a request with others. */
  private record Item(int index, JsonNode json) {}

  /** Messages on their way into requests: of one profile in no more than one at a time. */
  private final class Batch {
    private final List<Message> messages;
    private final Outcome[] outcomes;
    private final Map<Shape, List<Item>> open = new LinkedHashMap<>();
    private final Map<ProfileId, Shape> owners = new HashMap<>();
    private final long end = System.nanoTime() + LONG.toNanos();
    private boolean over;

    Batch(List<Message> messages) {
      this.messages = messages;
      this.outcomes = new Outcome[messages.size()];
      Arrays.fill(outcomes, new Outcome.Untried());
    }

    void add(int index) {
      Message message = messages.get(index);
      Optional<Shape> found = shape(message);
      if (found.isEmpty()) {
        outcomes[index] = new Outcome.Unwanted();
        return;
      }
      Shape shape = found.get();
      Template.Values values = values(message);
      Optional<JsonNode> item =
          shape.item().isEmpty()
              ? Optional.of(MissingNode.getInstance())
              : shape.item().get().render(values);
      if (item.isEmpty()) {
        outcomes[index] = new Outcome.Unwanted();
        return;
      }
      Shape owner = owners.getOrDefault(message.profile(), shape);
      if (!owner.equals(shape) || shape.item().isEmpty()) {
        flush();
      }
      if (over) {
        return;
      }
      if (shape.item().isEmpty()) {
        outcomes[index] = one(shape, values);
        heed(outcomes[index]);
        return;
      }
      owners.put(message.profile(), shape);
      List<Item> items = open.computeIfAbsent(shape, _ -> new ArrayList<>());
      items.add(new Item(index, item.get()));
      if (items.size() >= shape.batch()) {
        open.remove(shape);
        send(shape, items);
      }
    }

    void flush() {
      Map<Shape, List<Item>> all = new LinkedHashMap<>(open);
      open.clear();
      owners.clear();
      all.forEach(this::send);
    }

    private void heed(Outcome outcome) {
      over |=
          System.nanoTime() - end > 0
              || outcome instanceof Outcome.Deferred
              || outcome instanceof Outcome.Gone;
    }

    /** Where one of several is no good, the others get there all the same. */
    private void send(Shape shape, List<Item> items) {
      if (over) {
        return;
      }
      ArrayNode array = Json.MAPPER.createArrayNode();
      items.forEach(each -> array.add(each.json()));
      Template.Values values =
          new Template.Values(
              MissingNode.getInstance(),
              messages.get(items.getFirst().index()).id(),
              secret,
              array);
      Outcome outcome = one(shape, values);
      if (outcome instanceof Outcome.Refused && items.size() > 1) {
        int half = items.size() / 2;
        send(shape, items.subList(0, half));
        send(shape, items.subList(half, items.size()));
        return;
      }
      items.forEach(each -> outcomes[each.index()] = outcome);
      heed(outcome);
    }
  }

  private Outcome one(Shape shape, Template.Values values) {
    Optional<String> url = shape.url().text(values, Template::urlPart);
    Map<String, String> headers = new LinkedHashMap<>();
    for (Map.Entry<String, Template> each : target.headers().entrySet()) {
      Optional<String> value = each.getValue().text(values, UnaryOperator.identity());
      if (value.isEmpty()) {
        return new Outcome.Unwanted();
      }
      headers.put(each.getKey(), value.get());
    }
    Optional<byte[]> body = Optional.of(new byte[0]);
    if (shape.body().isPresent()) {
      body = shape.body().get().render(values).map(Json.MAPPER::writeValueAsBytes);
    }
    if (url.isEmpty() || body.isEmpty()) {
      return new Outcome.Unwanted();
    }
    return outcome(shape, client.send(shape.method(), url.get(), headers, body.get()));
  }

  private static Outcome outcome(Shape shape, WebhookClient.Reply reply) {
    if (reply instanceof Answered(int status, Optional<Duration> _)) {
      if (shape.alsoDelivered().contains(status)) {
        return new Outcome.Delivered();
      }
      if (status == MULTI_STATUS) {
        // Some are, some aren't there.
        return new Outcome.Refused("status_207");
      }
    }
    return WebhookReceiver.outcome(reply);
  }

  /** What a request would change nobody could take back: only the way there is tried. */
  @Override
  public Outcome test(Message message) {
    WebhookClient.Reply reply =
        client.send("HEAD", target.shapes().getFirst().origin() + "/", Map.of(), new byte[0]);
    return reply instanceof Answered ? new Outcome.Delivered() : WebhookReceiver.outcome(reply);
  }
}
