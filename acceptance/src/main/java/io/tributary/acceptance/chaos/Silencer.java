package io.tributary.acceptance.chaos;

import io.tributary.acceptance.chaos.Traffic.Guest;
import io.tributary.demo.Api;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/**
 * Guests who ask to be left alone, each in one of four ways, while everything around breaks. They
 * ask until they are answered; from then on the journal holds the product to it.
 */
final class Silencer {
  static final String ERASE = "erase";
  private static final List<String> WAYS = List.of("suppression", "unsubscribe", "suppress", ERASE);
  private static final Duration PAUSE = Duration.ofMillis(300);
  private final Target target;
  private final Journal journal;
  private final Receivers receivers;

  Silencer(Target target, Journal journal, Receivers receivers) {
    this.target = target;
    this.journal = journal;
    this.receivers = receivers;
  }

  /** Who buys in a round: the latest guests, but nobody who is about to be erased. */
  static List<Guest> buyers(int round) {
    List<Guest> guests = new ArrayList<>();
    for (int number = Math.max(1, round - 2); number <= round; number++) {
      if (number > round - 2 || !way(number).equals(ERASE)) {
        guests.add(Guest.of(number));
      }
    }
    return guests;
  }

  private static String way(int guest) {
    return WAYS.get(guest % WAYS.size());
  }

  /** The turn of a round, from the given moment on and until the time is up. */
  void turn(int round, Duration until) throws IOException, InterruptedException {
    long end = System.nanoTime() + until.toNanos();
    if (round > 1 && !way(round - 1).equals(ERASE)) {
      ask(way(round - 1), Guest.of(round - 1), end);
    }
    if (round > 2 && way(round - 2).equals(ERASE)) {
      ask(ERASE, Guest.of(round - 2), end);
    }
  }

  private void ask(String way, Guest guest, long end) throws IOException, InterruptedException {
    while (System.nanoTime() < end) {
      if (way.equals(ERASE)) {
        journal.asked(guest.userId());
      }
      if (answered(way, guest)) {
        journal.silenced(way, guest.userId(), guest.email());
        return;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    }
  }

  private boolean answered(String way, Guest guest) throws InterruptedException {
    try {
      return switch (way) {
        case "suppression" ->
            posted(
                "/api/v1/suppressions",
                Api.MAPPER
                    .createObjectNode()
                    .put("channel", "email")
                    .put("address", guest.email())
                    .put("reason", "asked in a storm"));
        case "unsubscribe" -> unsubscribed(guest);
        default -> posted("/api/v1/privacy-requests", order(way, guest));
      };
    } catch (IOException e) {
      return false;
    }
  }

  private static ObjectNode order(String kind, Guest guest) {
    ObjectNode order = Api.MAPPER.createObjectNode().put("kind", kind);
    order.putObject("identifier").put("type", "userId").put("value", guest.userId());
    return order;
  }

  private boolean posted(String path, ObjectNode body) throws IOException, InterruptedException {
    return target.api().answer("POST", path, body.toString()).statusCode() / 100 == 2;
  }

  private boolean unsubscribed(Guest guest) throws IOException, InterruptedException {
    Optional<String> link = receivers.unsubscribeLink(guest.email());
    if (link.isEmpty()) {
      return false;
    }
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build()) {
      HttpRequest post =
          HttpRequest.newBuilder(URI.create(link.get()))
              .timeout(Duration.ofSeconds(8))
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString("List-Unsubscribe=One-Click"))
              .build();
      return http.send(post, HttpResponse.BodyHandlers.discarding()).statusCode() / 100 == 2;
    }
  }
}
