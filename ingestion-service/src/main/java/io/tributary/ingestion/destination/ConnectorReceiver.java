package io.tributary.ingestion.destination;

import io.tributary.connector.Connector;
import io.tributary.connector.Outlet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives messages to a connector, and trusts it no more than its contract says. */
final class ConnectorReceiver implements Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectorReceiver.class);

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
      int most = Math.clamp(open.get().most(), 1, MOST);
      outcomes.addAll(tried(rest.subList(0, Math.min(most, rest.size())), end));
      over =
          System.nanoTime() - end > 0 || !outcomes.stream().allMatch(ConnectorReceiver::isAnswered);
    }
    return outcomes;
  }

  private static boolean isAnswered(Outcome outcome) {
    return outcome instanceof Outcome.Delivered
        || outcome instanceof Outcome.Refused
        || outcome instanceof Outcome.Unwanted;
  }

  /** Where it fails for several, those get there that can. */
  private List<Outcome> tried(List<Message> some, long end) {
    Optional<Outlet> open = opened();
    if (open.isEmpty()) {
      return Collections.nCopies(some.size(), new Outcome.Deferred(FAILED, Optional.empty(), true));
    }
    Optional<List<Outcome>> outcomes = called(() -> said(open.get(), some));
    if (outcomes.isPresent()) {
      return outcomes.get();
    }
    close();
    if (some.size() == 1) {
      return List.of(new Outcome.Deferred(FAILED, Optional.empty(), false));
    }
    int half = System.nanoTime() - end < 0 ? some.size() / 2 : 1;
    List<Outcome> all = new ArrayList<>(tried(some.subList(0, half), end));
    List<Message> rest = some.subList(half, some.size());
    boolean on = System.nanoTime() - end < 0 && all.stream().allMatch(each -> isAnswered(each));
    all.addAll(on ? tried(rest, end) : Collections.nCopies(rest.size(), UNTRIED));
    return all;
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
    Optional<Outlet> made = called(() -> connector.open(settings, secret));
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
      called(() -> {
        open.close();
        return true;
      });
    }
  }

  /** What somebody else's code answers; empty for whatever it throws, which stays with it. */
  private <T> Optional<T> called(Callable<T> code) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(connector.getClass().getClassLoader());
    try {
      return Optional.of(code.call());
    } catch (InterruptedException e) {
      thread.interrupt();
      return Optional.empty();
    } catch (Exception | LinkageError | StackOverflowError e) {
      // No message of it: it could say what a message says.
      LOG.warn(
          "connector={} outcome=failed cause={} at={}",
          connector.name(),
          e.getClass().getName(),
          e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0]);
      return Optional.empty();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
