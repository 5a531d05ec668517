package io.tributary.ingestion.activity;

import static io.tributary.ingestion.activity.Finding.Severity.ERROR;
import static io.tributary.ingestion.activity.Finding.Severity.INFO;
import static io.tributary.ingestion.activity.Finding.Severity.WARNING;

import io.tributary.ingestion.activity.Figures.Counts;
import io.tributary.ingestion.activity.Figures.Item;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the figures of a source tell, in words; the worst first. Shares are of the last 24 hours, so
 * that what was mended yesterday isn't told for a week. Pure.
 */
final class Doctor {
  private static final Duration DAY = Duration.ofHours(24);

  /** Of fewer, a share says nothing. */
  private static final long ENOUGH = 20;

  /** Hours with events that make a rhythm. */
  private static final int RHYTHM = 12;

  private static final double FEW = 0.01;
  private static final double SOME = 0.05;
  private static final double MANY = 0.1;
  private static final Pattern MAJOR = Pattern.compile("\\d{1,4}");
  private static final int OLD_NAMED = 5;

  private static final String BROWSER = "analytics.js";

  /** The browser's SDK counted to 4 before it began anew, as {@code next-1}. */
  private static final int NEXT = 100;

  /** Majors of which we know that they are current; others are compared with each other. */
  private static final Map<String, Integer> CURRENT =
      Map.of("@segment/analytics-node", 3, "analytics-java", 3, BROWSER, NEXT + 1);

  private final Figures figures;
  private final Instant now;
  private final Counts day;
  private final List<Finding> findings = new ArrayList<>();

  private Doctor(Figures figures, Instant now) {
    this.figures = figures;
    this.now = now;
    this.day = figures.since(now.minus(DAY));
  }

  /** What the figures tell. */
  static List<Finding> findings(Figures figures, Instant now) {
    Doctor doctor = new Doctor(figures, now);
    doctor.nothingYet();
    doctor.switchedOff();
    doctor.silent();
    doctor.refusedEvents();
    doctor.refusedRequests();
    doctor.retries();
    doctor.clocks();
    doctor.futures();
    doctor.libraries();
    doctor.revokedKeys();
    doctor.rotation();
    return doctor.findings.stream()
        .sorted(Comparator.comparing(Finding::severity).reversed())
        .toList();
  }

  private void nothingYet() {
    if (figures.ever() == null) {
      add(
          "nothing_yet",
          INFO,
          "No event has come yet.",
          "Send one with a write key of this source, and look again after a few seconds.");
    }
  }

  private void switchedOff() {
    long turnedAway =
        figures.keys().stream()
            .filter(key -> key.revokedAt() == null)
            .mapToLong(Figures.Key::turnedAway)
            .sum();
    if (!figures.source().enabled() && turnedAway > 0) {
      add(
          "source_off",
          WARNING,
          "The source is switched off; %s got a 401, and senders drop their events."
              .formatted(count(turnedAway, "request")),
          "Switch the source on, or stop what sends to it.");
    }
  }

  /** Silence is told by the source's own rhythm: nights and weekends are part of it. */
  private void silent() {
    List<Instant> active =
        figures.hours().stream()
            .filter(hour -> hour.counts().received() > 0)
            .map(Figures.Hour::hour)
            .toList();
    if (active.size() < RHYTHM || figures.ever() == null) {
      return;
    }
    long longest = 0;
    for (int i = 1; i < active.size(); i++) {
      longest = Math.max(longest, Duration.between(active.get(i - 1), active.get(i)).toHours() - 1);
    }
    long silent = Duration.between(figures.ever().last(), now).toHours();
    if (silent >= 2 && silent > 2 * longest) {
      add(
          "silent",
          WARNING,
          "Nothing has come for %d hours; before that, it never paused for more than %s."
              .formatted(silent, longest == 0 ? "an hour" : "%d hours".formatted(longest + 1)),
          "Look whether the sender still runs, and whether it still has a valid write key.");
    }
  }

  private void refusedEvents() {
    double share = share(day.get(Counter.REFUSED), day.received());
    if (day.received() < ENOUGH || share <= FEW) {
      return;
    }
    List<Item> reasons = recent(Kind.REASON);
    String most =
        reasons.isEmpty()
            ? ""
            : ", most of all for %s (%d)"
                .formatted(reasons.getFirst().name(), reasons.getFirst().recent());
    add(
        "many_refused",
        share > MANY ? ERROR : WARNING,
        "%s of the events of the last 24 hours were refused, %d of %d%s."
            .formatted(percent(share), day.get(Counter.REFUSED), day.received(), most),
        "Read one in the quarantine: it names the field. Correct the sender, then replay what was refused.");
  }

  private void refusedRequests() {
    double share = share(day.get(Counter.REFUSED_REQUESTS), day.get(Counter.REQUESTS));
    List<Item> codes = recent(Kind.REQUEST);
    if (day.get(Counter.REQUESTS) < ENOUGH || share <= FEW || codes.isEmpty()) {
      return;
    }
    String code = codes.getFirst().name();
    add(
        "requests_refused",
        share > MANY ? ERROR : WARNING,
        "%s of the requests of the last 24 hours were refused as a whole, %d of %d, most of all for %s (%d)."
            .formatted(
                percent(share),
                day.get(Counter.REFUSED_REQUESTS),
                day.get(Counter.REQUESTS),
                code,
                codes.getFirst().recent()),
        action(code));
  }

  private static String action(String code) {
    return switch (code) {
      case "rate_limited" ->
          "The source sends more than TRIBUTARY_COLLECTOR_RATE allows: raise it, or send less.";
      case "too_busy" ->
          "The collector had its memory full: raise TRIBUTARY_COLLECTOR_IN_FLIGHT, or run more collectors. SDKs send again.";
      case "log_unavailable" -> "Kafka didn't confirm in time: look after Kafka. SDKs send again.";
      case "signature_missing", "signature_invalid", "secret_not_set" ->
          "Compare the secret of the webhook with the provider's, and set it anew.";
      case "signature_stale" ->
          "Requests come too late, or a clock is wrong: look at the provider's log of deliveries.";
      case "body_too_large", "batch_field_too_large", "compressed_too_tightly" ->
          "Send smaller batches: a body may have 4 MB.";
      default ->
          "The sender's body can't be read: look at what it sends; the answer it gets says what is wrong.";
    };
  }

  private void retries() {
    double share = share(day.get(Counter.RETRIED_REQUESTS), day.get(Counter.REQUESTS));
    if (day.get(Counter.REQUESTS) >= ENOUGH && share > SOME) {
      add(
          "many_retries",
          WARNING,
          "%s of the requests of the last 24 hours were sent again, %d of %d."
              .formatted(
                  percent(share), day.get(Counter.RETRIED_REQUESTS), day.get(Counter.REQUESTS)),
          "No event counts twice. Look at refusedRequests for 429 and 503; where there are none, answers get lost on their way: look at proxies and time limits.");
    }
  }

  private void clocks() {
    long told = day.get(Counter.ACCEPTED) - day.get(Counter.WITHOUT_SENT_AT);
    double share = share(day.get(Counter.CLOCK_OFF), told);
    if (told >= ENOUGH && share > SOME) {
      Skew skew = figures.recentSkew();
      add(
          "clock_off",
          WARNING,
          "%s of the events of the last 24 hours come from a clock that is more than a minute off: about %s in the middle, %s at worst."
              .formatted(percent(share), off(skew.median()), off(skew.worst())),
          "Set the sender's clock by NTP. Times of events are corrected by sentAt, so that only events without it are dated wrong.");
    }
  }

  private static String off(long millis) {
    Duration size = Duration.ofMillis(Math.abs(millis));
    String text =
        size.toHours() >= 48
            ? "%d days".formatted(size.toDays())
            : size.toMinutes() >= 120
                ? "%d hours".formatted(size.toHours())
                : size.toSeconds() >= 120
                    ? "%d minutes".formatted(size.toMinutes())
                    : size.toMillis() >= 1000
                        ? "%d seconds".formatted(size.toSeconds())
                        : "%d ms".formatted(size.toMillis());
    return millis == 0 ? text : text + (millis > 0 ? " behind" : " ahead");
  }

  private void futures() {
    double share = share(day.get(Counter.IN_FUTURE), day.get(Counter.ACCEPTED));
    if (day.get(Counter.ACCEPTED) >= ENOUGH && share > FEW) {
      add(
          "in_future",
          WARNING,
          "%s of the events of the last 24 hours say that they happen later than they were sent; they count as of when they came."
              .formatted(percent(share)),
          "Look at how the sender makes timestamp: a local time without its offset counts as UTC.");
    }
  }

  private void libraries() {
    Map<String, Integer> newest = new HashMap<>(CURRENT);
    for (Item library : recent(Kind.LIBRARY)) {
      newest.merge(library.name(), major(library), Math::max);
    }
    recent(Kind.LIBRARY).stream()
        .filter(library ->
            major(library) >= 0 && major(library) < newest.getOrDefault(library.name(), 0))
        .limit(OLD_NAMED)
        .forEach(library -> {
          int major = newest.getOrDefault(library.name(), 0);
          add(
              "old_library",
              INFO,
              "%s %s sent %s since yesterday; there is a version %s."
                  .formatted(
                      library.name(),
                      library.detail(),
                      count(library.recent(), "event"),
                      major > NEXT ? "next-" + (major - NEXT) : major),
              "Update the SDK where it's built in.");
        });
  }

  /** The first number of a version; -1 where it has none. */
  private static int major(Item library) {
    Matcher number = MAJOR.matcher(library.detail());
    if (!number.find()) {
      return -1;
    }
    boolean next = library.name().equals(BROWSER) && library.detail().contains("next-");
    return Integer.parseInt(number.group()) + (next ? NEXT : 0);
  }

  private void revokedKeys() {
    for (Figures.Key key : figures.keys()) {
      if (key.revokedAt() != null && key.turnedAway() > 0) {
        add(
            "revoked_key_used",
            WARNING,
            "The write key %s was revoked at %s; %s in seven days came with it all the same, the last at %s, and got a 401. Senders drop their events."
                .formatted(
                    key.id(), key.revokedAt(), count(key.turnedAway(), "request"), key.lastUsed()),
            "Find what still has that key, and give it a valid one.");
      }
    }
  }

  private void rotation() {
    List<Figures.Key> valid =
        figures.keys().stream().filter(key -> key.revokedAt() == null).toList();
    if (valid.size() != 2) {
      return;
    }
    Figures.Key older = valid.getFirst();
    Figures.Key newer = valid.getLast();
    if (newer.lastUsed() != null && isIdle(older)) {
      add(
          "rotation_can_be_finished",
          INFO,
          "The older write key %s hasn't been used %s; the newer one, %s, has."
              .formatted(
                  older.id(),
                  older.lastUsed() == null ? "for seven days" : "since " + older.lastUsed(),
                  newer.id()),
          "Revoke the older key.");
    } else if (older.lastUsed() != null && isIdle(newer)) {
      add(
          "newer_key_unused",
          INFO,
          "The newer write key %s isn't used; all comes with the older one, %s."
              .formatted(newer.id(), older.id()),
          "Give the newer key to the senders, or revoke it.");
    }
  }

  private boolean isIdle(Figures.Key key) {
    Instant last = key.lastUsed() == null ? key.createdAt() : key.lastUsed();
    return last.isBefore(now.minus(DAY));
  }

  private List<Item> recent(Kind kind) {
    return figures.of(kind).stream()
        .filter(item -> item.recent() > 0)
        .sorted(
            Comparator.comparingLong(Item::recent)
                .reversed()
                .thenComparing(Item::name)
                .thenComparing(Item::detail))
        .toList();
  }

  private void add(String code, Finding.Severity severity, String message, String action) {
    findings.add(new Finding(code, severity, message, action));
  }

  private static String count(long count, String of) {
    return count + " " + of + (count == 1 ? "" : "s");
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / (double) whole;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, share < MANY ? "%.1f %%" : "%.0f %%", share * 100);
  }
}
