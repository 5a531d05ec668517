package io.tributary.identity.feed;

import io.tributary.event.CollectedEvent;
import io.tributary.identity.resolve.Incoming;
import io.tributary.identity.store.MessageKey;
import io.tributary.identity.store.MessageStore.Place;
import io.tributary.stream.InputRecord;

/** A record that could be read. */
record Intake(InputRecord record, CollectedEvent event, Incoming incoming, MessageKey key) {
  Place place() {
    return new Place(record.partition(), record.offset());
  }
}
