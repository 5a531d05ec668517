package io.tributary.acceptance.chaos;

import java.time.Instant;

/**
 * What one message said, as its sender knows it. Empty texts stand for what the message didn't say.
 *
 * @param round the round it was sent in
 * @param event the name of a track event
 * @param plan the trait that identify sets
 * @param order what a purchase or a parcel is known by
 * @param at the message's own time, which differs from that of every other message of its person
 */
record Fact(
    String id, int round, Kind kind, Who who, String event, String plan, String order, Instant at) {

  /** What sort of message it is. */
  enum Kind {
    TRACK,
    IDENTIFY,
    ALIAS,
    /** Breaks the rules: must be set aside, and nothing else. */
    POISON
  }

  /** Whom a message names. */
  record Who(String userId, String anonymousId, String previousId, String email) {
    static Who user(String userId) {
      return new Who(userId, "", "", "");
    }

    static Who device(String anonymousId) {
      return new Who("", anonymousId, "", "");
    }

    Who on(String device) {
      return new Who(userId, device, previousId, email);
    }

    Who mailedAt(String address) {
      return new Who(userId, anonymousId, previousId, address);
    }

    Who formerly(String earlier) {
      return new Who(userId, anonymousId, earlier, email);
    }
  }

  /** A track event. */
  static Fact track(String id, int round, Who who, String event, String order, Instant at) {
    return new Fact(id, round, Kind.TRACK, who, event, "", order, at);
  }

  /** An identify call. */
  static Fact identify(String id, int round, Who who, String plan, Instant at) {
    return new Fact(id, round, Kind.IDENTIFY, who, "", plan, "", at);
  }
}
