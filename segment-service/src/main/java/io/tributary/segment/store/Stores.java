package io.tributary.segment.store;

import io.tributary.stream.ChangeLog;

/** All of this service's SQL that shares a transaction with a decision. */
public record Stores(
    DefinitionStore definitions,
    ProfileLocks locks,
    ProfileReader profiles,
    EventReader events,
    BehaviourStore behaviours,
    MembershipStore memberships,
    TransitionStore transitions,
    BuildStore builds,
    ReceiptStore receipts) {

  /** All of them; crossings go to the given log. */
  public static Stores create(ChangeLog changes) {
    return new Stores(
        new DefinitionStore(),
        new ProfileLocks(),
        new ProfileReader(),
        new EventReader(),
        new BehaviourStore(),
        new MembershipStore(),
        new TransitionStore(changes),
        new BuildStore(),
        new ReceiptStore());
  }
}
