package io.tributary.ingestion.transform;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import ua_parser.Parser;

/** What user agents say of themselves. Few are sent by many, so each is read once. */
final class UserAgents {
  /** No browser's is longer; a longer one is read up to here. */
  private static final int MAX_LENGTH = 400;

  private static final Parser PARSER = new Parser();

  private static final Cache<String, Client> KNOWN =
      Caffeine.newBuilder().maximumSize(10_000).build();

  private UserAgents() {}

  /**
   * Who calls; what isn't told is empty.
   *
   * @param bot whether it says that it's a robot
   */
  record Client(
      String browser,
      String browserVersion,
      String os,
      String osVersion,
      String device,
      boolean bot) {}

  static Client client(String agent) {
    int end = Math.min(agent.length(), MAX_LENGTH);
    boolean halves = end < agent.length() && Character.isHighSurrogate(agent.charAt(end - 1));
    return KNOWN.get(agent.substring(0, halves ? end - 1 : end), UserAgents::read);
  }

  private static Client read(String agent) {
    ua_parser.Client found = PARSER.parse(agent);
    boolean bot =
        found.device.family.equals("Spider")
            || agent.toLowerCase(Locale.ROOT).contains("headlesschrome");
    return new Client(
        known(found.userAgent.family),
        version(found.userAgent.major, found.userAgent.minor),
        known(found.os.family),
        version(found.os.major, found.os.minor),
        known(found.device.family),
        bot);
  }

  private static String known(@Nullable String family) {
    return family == null || family.equals("Other") ? "" : family;
  }

  private static String version(@Nullable String major, @Nullable String minor) {
    return Stream.of(major == null ? "" : major, minor == null ? "" : minor)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("."));
  }
}
