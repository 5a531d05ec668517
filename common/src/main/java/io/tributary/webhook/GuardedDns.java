package io.tributary.webhook;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;
import org.springframework.boot.http.client.InetAddressFilter;

/**
 * Resolves the names of webhooks' hosts and leaves only public addresses. It is the client's own
 * resolver: what it answers is what is connected to, so a name that changes its address between
 * check and connection gains nothing.
 */
final class GuardedDns implements DnsResolver {
  /** Beyond Boot's list: ranges that lead back inside on some networks. */
  private static final InetAddressFilter PUBLIC =
      InetAddressFilter.externalAddresses()
          .andNot(
              "64:ff9b::/96", // NAT64: holds any IPv4 address
              "64:ff9b:1::/48", // local-use NAT64
              "2002::/16", // 6to4: holds any IPv4 address
              "2001::/32", // Teredo: holds any IPv4 address
              "100.64.0.0/10", // carrier-grade NAT
              "192.88.99.0/24", // 6to4 relays
              "fec0::/10"); // site-local, deprecated but routed by some

  /** Looks a name up; replaced in tests. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] all(String host) throws UnknownHostException;
  }

  private final WebhookTargets targets;
  private final Lookup lookup;

  GuardedDns(WebhookTargets targets, Lookup lookup) {
    this.targets = targets;
    this.lookup = lookup;
  }

  @Override
  public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
    InetAddress[] found = lookup.all(host);
    boolean any = targets.isAllowed(host, port);
    List<InetSocketAddress> fine =
        Arrays.stream(found)
            .filter(address -> any || isPublic(address))
            .map(address -> new InetSocketAddress(address, port))
            .toList();
    if (fine.isEmpty()) {
      throw new ForbiddenAddressException();
    }
    return fine;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    // Without a port no exception can be looked up, so none is made.
    InetAddress[] fine =
        Arrays.stream(lookup.all(host)).filter(GuardedDns::isPublic).toArray(InetAddress[]::new);
    if (fine.length == 0) {
      throw new ForbiddenAddressException();
    }
    return fine;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  static boolean isPublic(InetAddress address) {
    return PUBLIC.matches(address) && !isCompatible(address.getAddress());
  }

  /** {@code ::a.b.c.d}: IPv4 in IPv6 in the form that went out of use. */
  private static boolean isCompatible(byte[] bytes) {
    if (bytes.length != 16) {
      return false;
    }
    for (int i = 0; i < 12; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
