package io.tributary.ingestion.destination;

import io.tributary.event.Json;
import io.tributary.event.SegmentChange.Reason;
import io.tributary.ingestion.accept.BoundedJson;
import io.tributary.ingestion.destination.Target.Http;
import io.tributary.ingestion.destination.Target.Shape;
import io.tributary.webhook.WebhookClient;
import io.tributary.webhook.WebhookClient.Reply.Answered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

  /** Some are there, some aren't. */
  private static final int MULTI_STATUS = 207;

  private static final int GONE = 410;
  private static final int URI_TOO_LONG = 414;
  private static final int HEADERS_TOO_LARGE = 431;
  private static final int MAX_ITEM = 1_000_000;
  private static final int MAX_BODY = 8_000_000;
  private static final String TOO_LARGE = "too_large";
  private static final Logger LOG = LoggerFactory.getLogger(HttpReceiver.class);

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

  /**
   * A profile that leaves as it becomes part of a person is none that leaves: by what requests name
   * people by it's that person, who may well be in the segment.
   */
  private static boolean isMerge(Message message, JsonNode json) {
    return message.type().equals("segment.exited")
        && json.at("/data/reason").asString("").equals(Reason.MERGE.wire())
        && !json.at("/data/profileId").equals(json.at("/data/profile/profileId"));
  }

  /** A message that is to go into a request with others. */
  private record Item(int index, JsonNode json) {}

  /**
   * Messages on their way into requests, in their order: those of one shape that follow go
   * together.
   */
  private final class Batch {
    private final List<Message> messages;
    private final Outcome[] outcomes;
    private final List<Item> items = new ArrayList<>();
    private final long end = System.nanoTime() + LONG.toNanos();
    private Optional<Shape> open = Optional.empty();
    private boolean over;

    Batch(List<Message> messages) {
      this.messages = messages;
      this.outcomes = new Outcome[messages.size()];
      Arrays.fill(outcomes, new Outcome.Untried());
    }

    void add(int index) {
      Message message = messages.get(index);
      Optional<Shape> shape = shape(message);
      if (shape.isEmpty()) {
        outcomes[index] = new Outcome.Unwanted();
        return;
      }
      JsonNode json = Json.EXACT.readTree(message.body());
      Template.Values values =
          new Template.Values(json, message.id(), secret, Json.MAPPER.createArrayNode());
      Optional<Template> item = shape.get().item();
      Optional<JsonNode> rendered =
          item.isPresent() ? item.get().render(values) : Optional.of(MissingNode.getInstance());
      if (rendered.isEmpty() || isMerge(message, json)) {
        outcomes[index] = new Outcome.Unwanted();
        return;
      }
      if (item.isEmpty() || !open.equals(shape)) {
        flush();
      }
      if (over) {
        return;
      }
      if (item.isEmpty()) {
        outcomes[index] = one(shape.get(), values);
        heed(outcomes[index]);
      } else if (BoundedJson.bytes(rendered.get(), MAX_ITEM).isEmpty()) {
        outcomes[index] = new Outcome.Refused(TOO_LARGE);
      } else {
        open = shape;
        items.add(new Item(index, rendered.get()));
        if (items.size() >= shape.get().batch()) {
          flush();
        }
      }
    }

    void flush() {
      List<Item> all = List.copyOf(items);
      items.clear();
      if (!all.isEmpty()) {
        send(open.orElseThrow(), all);
      }
      open = Optional.empty();
    }

    private boolean isLate() {
      return System.nanoTime() - end > 0;
    }

    private void heed(Outcome outcome) {
      over |= isLate() || outcome instanceof Outcome.Deferred || outcome instanceof Outcome.Gone;
    }

    /** Where one of several is no good, the others get there all the same. */
    private void send(Shape shape, List<Item> some) {
      if (over) {
        return;
      }
      ArrayNode array = Json.MAPPER.createArrayNode();
      some.forEach(each -> array.add(each.json()));
      Outcome outcome =
          one(shape, new Template.Values(MissingNode.getInstance(), id(some), secret, array));
      if (some.size() > 1 && mayBeOneOfThem(outcome)) {
        // When it's late, one of them is tried, so that it ends some time.
        int half = isLate() ? 1 : some.size() / 2;
        send(shape, some.subList(0, half));
        over |= half == 1 && isLate();
        send(shape, some.subList(half, some.size()));
        return;
      }
      some.forEach(each -> outcomes[each.index()] = outcome);
      heed(outcome);
    }

    /** Another one for others: whoever knows a request again by it takes each for what it is. */
    private String id(List<Item> some) {
      String[] ids =
          some.stream().map(each -> messages.get(each.index()).id()).toArray(String[]::new);
      return ids.length == 1 ? ids[0] : Message.id(ids);
    }
  }

  /** Some systems say of one bad entry that they are broken themselves. */
  private static boolean mayBeOneOfThem(Outcome outcome) {
    return outcome instanceof Outcome.Refused
        || (outcome instanceof Outcome.Deferred(String reason, Optional<Duration> _, boolean _)
            && reason.equals("status_500"));
  }

  private Outcome one(Shape shape, Template.Values values) {
    try {
      return sent(shape, values);
    } catch (RuntimeException e) {
      LOG.warn("message={} outcome=failed cause={}", values.id(), e.getClass().getName());
      return new Outcome.Deferred("failed", Optional.empty(), false);
    }
  }

  private Outcome sent(Shape shape, Template.Values values) {
    Optional<String> url = shape.url().text(values, Template::urlPart);
    Map<String, String> headers = new LinkedHashMap<>();
    for (Map.Entry<String, Template> each : target.headers().entrySet()) {
      Optional<String> value = each.getValue().text(values, Optional::of);
      if (value.isEmpty()) {
        return new Outcome.Unwanted();
      }
      headers.put(each.getKey(), value.get());
    }
    if (url.isEmpty() || climbs(url.get())) {
      return new Outcome.Unwanted();
    }
    byte[] body = new byte[0];
    if (shape.body().isPresent()) {
      Optional<JsonNode> json = shape.body().get().render(values);
      if (json.isEmpty()) {
        return new Outcome.Unwanted();
      }
      Optional<byte[]> bytes = BoundedJson.bytes(json.get(), MAX_BODY);
      if (bytes.isEmpty()) {
        return new Outcome.Refused(TOO_LARGE);
      }
      body = bytes.get();
    }
    return outcome(shape, client.send(shape.method(), url.get(), headers, body));
  }

  /** No message says which place above the one that was written is meant. */
  private static boolean climbs(String url) {
    String path = url.split("[?#]", 2)[0];
    return Arrays.stream(path.split("/")).anyMatch(each -> each.equals(".") || each.equals(".."));
  }

  private static Outcome outcome(Shape shape, WebhookClient.Reply reply) {
    if (reply instanceof Answered(int status, Optional<Duration> after)) {
      if (shape.alsoDelivered().contains(status)) {
        return new Outcome.Delivered();
      }
      if (shape.refused().contains(status)
          || status == MULTI_STATUS
          || status == URI_TOO_LONG
          || status == HEADERS_TOO_LARGE) {
        return new Outcome.Refused("status_" + status);
      }
      if (status == GONE) {
        // Of a contact, more likely than of the whole.
        return new Outcome.Deferred("status_410", after, false);
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
