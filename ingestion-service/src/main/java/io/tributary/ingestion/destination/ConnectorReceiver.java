package io.tributary.ingestion.destination;

import io.tributary.connector.Connector;
import io.tributary.connector.Outlet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gives messages to a connector, and trusts it no more than its contract says. */
final class ConnectorReceiver implements Receiver {
  /** After which nothing more is begun at one time. */
  private static final Duration LONG = Duration.ofSeconds(5);

  private static final int MOST = 500;
  private static final String FAILED = "connector_failed";
  private static final Outcome UNTRIED = new Outcome.Untried();

  private final Connector connector;
  private final Map<String, String> settings;
  private final String secret;
  private @Nullable Outlet outlet;

  ConnectorReceiver(Connector connector, Map<String, String> settings, String secret) {
    this.connector = connector;
    this.settings = Map.copyOf(settings);
    this.secret = secret;
  }

  @Override
  public int most() {
    return MOST;
  }

  @Override
  public List<Outcome> deliver(List<Message> messages) {
    long end = System.nanoTime() + LONG.toNanos();
    List<Outcome> outcomes = new ArrayList<>(messages.size());
    boolean over = false;
    for (int from = 0; from < messages.size(); from = outcomes.size()) {
      List<Message> rest = messages.subList(from, messages.size());
      Optional<Outlet> open = over ? Optional.empty() : opened();
      if (over || open.isEmpty()) {
        outcomes.addAll(
            Collections.nCopies(
                rest.size(),
                over ? UNTRIED : new Outcome.Deferred(FAILED, Optional.empty(), true)));
        break;
      }
      int most = Math.clamp(Connectors.called(connector, open.get()::most).orElse(1), 1, MOST);
      outcomes.addAll(tried(rest.subList(0, Math.min(most, rest.size())), end));
      over = System.nanoTime() - end > 0 || !outcomes.stream().allMatch(Outcome::isAnswered);
    }
    return outcomes;
  }

  /** Where it fails for several, those get there that can. */
  private List<Outcome> tried(List<Message> some, long end) {
    Optional<Outlet> open = opened();
    if (open.isEmpty()) {
      return Collections.nCopies(some.size(), new Outcome.Deferred(FAILED, Optional.empty(), true));
    }
    Optional<List<Outcome>> outcomes = Connectors.called(connector, () -> said(open.get(), some));
    if (outcomes.isPresent()) {
      return outcomes.get();
    }
    close();
    if (some.size() == 1) {
      return List.of(new Outcome.Deferred(FAILED, Optional.empty(), false));
    }
    return Halves.deliver(some, end, half -> tried(half, end));
  }

  private static List<Outcome> said(Outlet open, List<Message> some) throws Exception {
    List<io.tributary.connector.Outcome> outcomes =
        open.deliver(
            some.stream()
                .map(each ->
                    new io.tributary.connector.Message(
                        each.id(), each.profile().toString(), each.type(), each.text()))
                .toList());
    if (outcomes.size() != some.size()) {
      throw new IllegalStateException("a connector says something else of each message");
    }
    boolean waits = false;
    for (io.tributary.connector.Outcome each : outcomes) {
      waits |= each instanceof io.tributary.connector.Outcome.Later;
      if (each instanceof io.tributary.connector.Outcome.Untried && !waits) {
        throw new IllegalStateException("a connector waits for nothing");
      }
    }
    return outcomes.stream().map(ConnectorReceiver::outcome).toList();
  }

  private static Outcome outcome(io.tributary.connector.Outcome said) {
    return switch (said) {
      case io.tributary.connector.Outcome.Delivered _ -> new Outcome.Delivered();
      case io.tributary.connector.Outcome.Unwanted _ -> new Outcome.Unwanted();
      case io.tributary.connector.Outcome.Refused(String code) -> new Outcome.Refused(code);
      case io.tributary.connector.Outcome.Later(
              String code,
              Optional<Duration> after,
              boolean unreachable) ->
          new Outcome.Deferred(code, after.filter(each -> !each.isNegative()), unreachable);
      case io.tributary.connector.Outcome.Untried _ -> UNTRIED;
    };
  }

  private Optional<Outlet> opened() {
    Outlet open = outlet;
    if (open != null) {
      return Optional.of(open);
    }
    Optional<Outlet> made = Connectors.called(connector, () -> connector.open(settings, secret));
    outlet = made.orElse(null);
    return made;
  }

  @Override
  public Outcome test(Message message) {
    return opened().isPresent()
        ? new Outcome.Delivered()
        : new Outcome.Deferred(FAILED, Optional.empty(), true);
  }

  @Override
  public void close() {
    Outlet open = outlet;
    outlet = null;
    if (open != null) {
      var _ =
          Connectors.called(
              connector,
              () -> {
                open.close();
                return true;
              });
    }
  }
}
