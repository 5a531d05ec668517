package io.tributary.connector.contract;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.connector.Connector;
import io.tributary.connector.Message;
import io.tributary.connector.Outcome;
import io.tributary.connector.Outlet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract notices who breaks it. */
@SuppressWarnings("JUnitMethodInvoked") // that is what's tested
class ConnectorContractTest {
  /** What a connector does wrong. */
  private enum Fault {
    NONE,
    FORGETS,
    TURNS_AROUND,
    ANSWERS_TOO_FEW,
    SAYS_DELIVERED_TO_NOBODY,
    WAITS_FOR_ODD_ONES,
    CHECKS_NOTHING,
    FLUSHES_AT_ITS_END,
    TRIES_NOTHING,
    TAKES_FEWER_THAN_IT_SAYS
  }

  /** A connector into a list, and its contract. */
  private static final class Listed extends ConnectorContract implements Connector {
    private final Fault fault;
    private final List<String> list = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean gone;

    Listed(Fault fault) {
      this.fault = fault;
    }

    @Override
    protected Connector connector() {
      return this;
    }

    @Override
    protected Map<String, String> settings() {
      return Map.of("list", "one");
    }

    @Override
    protected List<String> arrived() {
      return List.copyOf(list);
    }

    @Override
    protected void vanish() {
      gone = true;
    }

    @Override
    public String name() {
      return "listed";
    }

    @Override
    public Map<String, String> check(Map<String, String> settings) {
      if (fault == Fault.CHECKS_NOTHING || settings.equals(settings())) {
        return Map.of();
      }
      return Map.of(settings.keySet().iterator().next(), "must be one");
    }

    @Override
    public Outlet open(Map<String, String> settings, String secret) {
      List<String> held = new ArrayList<>();
      return new Outlet() {
        @Override
        public List<Outcome> deliver(List<Message> messages) {
          if (fault == Fault.FLUSHES_AT_ITS_END && !gone) {
            messages.forEach(each -> held.add(each.id()));
            return Collections.nCopies(messages.size(), new Outcome.Delivered());
          }
          return Listed.this.deliver(messages);
        }

        @Override
        public void close() {
          list.addAll(held);
          held.clear();
        }
      };
    }

    private List<Outcome> deliver(List<Message> messages) {
      if (gone && fault != Fault.SAYS_DELIVERED_TO_NOBODY) {
        return Collections.nCopies(
            messages.size(),
            fault == Fault.TRIES_NOTHING
                ? new Outcome.Untried()
                : new Outcome.Later("gone", Optional.empty(), true));
      }
      if (fault == Fault.TAKES_FEWER_THAN_IT_SAYS && messages.size() > 60) {
        return Collections.nCopies(
            messages.size(), new Outcome.Later("too_many", Optional.empty(), false));
      }
      List<Outcome> outcomes = new ArrayList<>();
      List<Message> order = fault == Fault.TURNS_AROUND ? messages.reversed() : messages;
      for (Message each : order) {
        if (fault == Fault.WAITS_FOR_ODD_ONES && each.json().contains("'")) {
          outcomes.add(new Outcome.Later("odd", Optional.empty(), false));
          continue;
        }
        if (fault != Fault.FORGETS || !each.id().endsWith("7")) {
          list.add(each.id());
        }
        outcomes.add(new Outcome.Delivered());
      }
      return fault == Fault.ANSWERS_TOO_FEW ? outcomes.subList(1, outcomes.size()) : outcomes;
    }
  }

  private static void all(Listed contract) throws Exception {
    contract.settingsAreChecked();
    contract.itTakesAsManyAsItSays();
    contract.list.clear();
    contract.whatIsDeliveredIsThereInItsOrder();
    contract.list.clear();
    contract.whatComesAgainIsFine();
    contract.list.clear();
    contract.whateverAMessageSaysOthersGetThere();
    contract.list.clear();
    contract.severalOutletsWorkAtOneTime();
    contract.itCanBeEndedTwice();
    contract.withoutTheOtherEndNothingCountsAsDelivered();
  }

  @Test
  void whoKeepsItPassesAndWhoBreaksItDoesNot() {
    for (Fault each : Fault.values()) {
      if (each == Fault.NONE) {
        assertThatCode(() -> all(new Listed(each))).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> all(new Listed(each)))
            .as(each.name())
            .isInstanceOf(AssertionError.class);
      }
    }
  }

  @Test
  void whoIsNotAmongTheServicesIsNotFound() {
    assertThatThrownBy(() -> new Listed(Fault.NONE).itIsFoundByItsName())
        .isInstanceOf(AssertionError.class);
  }
}
