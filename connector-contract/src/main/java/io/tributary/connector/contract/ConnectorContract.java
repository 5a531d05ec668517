package io.tributary.connector.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.connector.Connector;
import io.tributary.connector.Message;
import io.tributary.connector.Outcome;
import io.tributary.connector.Outlet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What Tributary relies on of a connector. Extend it in your connector's tests, with the system at
 * its other end, or something that stands for it, empty before each test.
 */
@Timeout(60)
public abstract class ConnectorContract {
  private static final String NAME = "[a-z0-9-]{1,40}";

  /** The connector. */
  protected abstract Connector connector();

  /** Settings that are right. */
  protected abstract Map<String, String> settings();

  /** A secret that is right; empty if none is needed. */
  protected String secret() {
    return "";
  }

  /** The ids of the messages that are at the other end now, in the order in which they came. */
  protected abstract List<String> arrived() throws Exception;

  /** Has the other end be as if it weren't there. */
  protected abstract void vanish() throws Exception;

  private Outlet open() throws Exception {
    return connector().open(settings(), secret());
  }

  private static Message message(String id, String person, String text) {
    String json =
        "{\"type\":\"event\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"profileId\":\""
            + person
            + "\",\"event\":{\"type\":\"track\",\"event\":\"Test\",\"messageId\":\""
            + id
            + "\",\"properties\":{\"text\":\""
            + text
            + "\"}}}}";
    return new Message(id, person, "event", json);
  }

  private static Message message(String id) {
    return message(id, "prf_" + id.charAt(id.length() - 1), "text");
  }

  private static List<Outcome> deliver(Outlet outlet, List<Message> messages) throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    for (int from = 0; from < messages.size(); from += outlet.most()) {
      List<Message> some = messages.subList(from, Math.min(messages.size(), from + outlet.most()));
      List<Outcome> these = outlet.deliver(List.copyOf(some));
      assertThat(these).as("an outcome for each message").hasSameSizeAs(some);
      outcomes.addAll(these);
    }
    return outcomes;
  }

  /** It's found by its name among the services. */
  @Test
  public void itIsFoundByItsName() {
    assertThat(connector().name()).matches(NAME);
    assertThat(ServiceLoader.load(Connector.class).stream().map(each -> each.get().name()))
        .as("META-INF/services/" + Connector.class.getName())
        .contains(connector().name());
  }

  /** Settings are checked before anything is done, and mistakes are named. */
  @Test
  public void settingsAreChecked() {
    assertThat(connector().check(settings())).isEmpty();
    assertThat(connector().check(Map.of("no-such-setting", "x")))
        .as("what it doesn't know is a mistake")
        .containsKey("no-such-setting");
  }

  /** What it says of its size holds. */
  @Test
  public void itTakesAsManyAsItSays() throws Exception {
    try (Outlet outlet = open()) {
      assertThat(outlet.most()).isBetween(1, 500);
      List<Message> most =
          IntStream.range(0, outlet.most()).mapToObj(i -> message("m" + i)).toList();
      assertThat(outlet.deliver(most)).hasSameSizeAs(most).containsOnly(new Outcome.Delivered());
      assertThat(new LinkedHashSet<>(arrived())).hasSameSizeAs(most);
    }
  }

  /** What is delivered is there, in each person's order. */
  @Test
  public void whatIsDeliveredIsThereInItsOrder() throws Exception {
    List<Message> messages = IntStream.range(0, 50).mapToObj(i -> message("m" + i)).toList();
    try (Outlet outlet = open()) {
      assertThat(deliver(outlet, messages)).containsOnly(new Outcome.Delivered());
      // Not only once it's ended: who crashes ends nothing.
      for (int person = 0; person < 10; person++) {
        String end = Integer.toString(person);
        assertThat(arrived().stream().filter(id -> id.endsWith(end)))
            .isEqualTo(messages.stream().map(Message::id).filter(id -> id.endsWith(end)).toList());
      }
    }
  }

  /** What comes again, after a crash, does no harm. */
  @Test
  public void whatComesAgainIsFine() throws Exception {
    List<Message> messages = IntStream.range(0, 20).mapToObj(i -> message("m" + i)).toList();
    try (Outlet outlet = open()) {
      assertThat(deliver(outlet, messages)).containsOnly(new Outcome.Delivered());
    }
    try (Outlet another = open()) {
      assertThat(deliver(another, messages)).containsOnly(new Outcome.Delivered());
    }
    assertThat(new LinkedHashSet<>(arrived())).hasSize(20);
  }

  /** Whatever a message says, those beside it get there. */
  @Test
  public void whateverAMessageSaysOthersGetThere() throws Exception {
    List<String> texts =
        List.of(
            "\\u0000",
            "\\ud83d\\ude00",
            "\\n\\r\\t",
            "'; drop table x; --",
            "=1+1",
            "x".repeat(400_000));
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      messages.add(message("odd" + i, "prf_odd" + i, texts.get(i)));
      messages.add(message("fine" + i, "prf_fine" + i, "text"));
    }
    List<Outcome> outcomes;
    try (Outlet outlet = open()) {
      outcomes = deliver(outlet, messages);
    }
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).id().startsWith("fine")) {
        assertThat(outcomes.get(i)).isEqualTo(new Outcome.Delivered());
        assertThat(arrived()).contains(messages.get(i).id());
      } else {
        assertThat(outcomes.get(i))
            .as("what becomes of an odd message, for good")
            .isInstanceOfAny(
                Outcome.Delivered.class, Outcome.Unwanted.class, Outcome.Refused.class);
      }
    }
  }

  /** While nobody is at the other end nothing counts as delivered, and afterwards all is. */
  @Test
  public void withoutTheOtherEndNothingCountsAsDelivered() throws Exception {
    vanish();
    List<Outcome> outcomes;
    try (Outlet outlet = open()) {
      outcomes = outlet.deliver(List.of(message("m1"), message("m2")));
    } catch (Exception e) {
      return; // That says it, too.
    }
    assertThat(outcomes)
        .hasSize(2)
        .allSatisfy(
            each -> assertThat(each).isInstanceOfAny(Outcome.Later.class, Outcome.Untried.class));
    assertThat(outcomes.getFirst())
        .as("there is one to wait for")
        .isInstanceOf(Outcome.Later.class);
  }

  /** Several destinations work at one time. */
  @Test
  public void severalOutletsWorkAtOneTime() throws Exception {
    List<Callable<List<Outcome>>> works = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int mine = i;
      works.add(() -> {
        try (Outlet outlet = open()) {
          return deliver(
              outlet, IntStream.range(0, 25).mapToObj(n -> message("w" + mine + "n" + n)).toList());
        }
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<List<Outcome>> each : threads.invokeAll(works)) {
        assertThat(each.get()).isEqualTo(Collections.nCopies(25, new Outcome.Delivered()));
      }
    }
    assertThat(new LinkedHashSet<>(arrived())).hasSize(100);
  }

  /** To end it more than once does no harm. */
  @Test
  public void itCanBeEndedTwice() throws Exception {
    Outlet outlet = open();
    outlet.close();
    outlet.close();
  }
}
