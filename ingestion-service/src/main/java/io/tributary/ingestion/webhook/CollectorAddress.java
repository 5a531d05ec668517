package io.tributary.ingestion.webhook;

import java.util.function.Supplier;

/** Where others reach the collector: what is registered at providers, and what they sign. */
public final class CollectorAddress {
  private final Supplier<String> base;

  /**
   * With scheme and host, and no slash at the end.
   *
   * @param base asked when it's needed, since a port may be known only then
   */
  public CollectorAddress(Supplier<String> base) {
    this.base = base;
  }

  /** The address of the webhooks of a source with this write key. */
  public String webhook(String writeKey) {
    return base.get() + "/v1/webhooks/" + writeKey;
  }
}
