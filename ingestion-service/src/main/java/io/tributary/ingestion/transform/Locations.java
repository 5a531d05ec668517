package io.tributary.ingestion.transform;

import com.maxmind.db.CHMCache;
import com.maxmind.db.Reader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where addresses are, by a file that the operator supplies (MaxMind DB 2.0, with the fields of
 * GeoLite2 City or Country, or DB-IP's). Nothing is asked of the network. A file that is replaced
 * is read again within a minute; one that can't be read leaves the one before.
 */
public final class Locations {
  private static final Logger LOG = LoggerFactory.getLogger(Locations.class);
  private static final JsonPointer IP = JsonPointer.compile("/context/ip");
  private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  private final @Nullable Path file;
  private final ReentrantLock opening = new ReentrantLock();
  private volatile @Nullable Reader reader;
  private volatile long lookAgain = System.nanoTime();
  private long modified = -1;

  private Locations(@Nullable Path file) {
    this.file = file;
  }

  /** No file: then nothing is known. */
  public static Locations none() {
    return new Locations(null);
  }

  /** By this file, which may come or change later. */
  public static Locations in(Path file) {
    Locations locations = new Locations(file);
    locations.reader();
    return locations;
  }

  /** Whether something can be known here. */
  boolean isThere() {
    return reader() != null;
  }

  /** Fills {@code context.location} in from {@code context.ip}; says why it couldn't. */
  Optional<String> apply(ObjectNode event) {
    JsonNode ip = event.at(IP);
    if (!ip.isString()) {
      return Optional.empty();
    }
    Reader database = reader();
    if (database == null) {
      return Optional.of("this server has no file of locations");
    }
    Map<?, ?> found;
    try {
      found = database.get(InetAddress.ofLiteral(ip.stringValue().strip()), Map.class);
    } catch (IllegalArgumentException e) {
      return Optional.of("is no address");
    } catch (IOException e) {
      return Optional.of("the file of locations can't be read");
    }
    if (found == null) {
      return Optional.empty();
    }
    String country = text(found, "country", "iso_code");
    String region =
        found.get("subdivisions") instanceof List<?> parts
                && !parts.isEmpty()
                && parts.getFirst() instanceof Map<?, ?> part
            ? text(part, "iso_code")
            : "";
    String city = text(found, "city", "names", "en");
    boolean known = !country.isEmpty() || !region.isEmpty() || !city.isEmpty();
    ObjectNode location = known ? Enrichment.object(event, "location") : null;
    if (location != null) {
      Enrichment.put(location, "country", country);
      Enrichment.put(location, "region", region);
      Enrichment.put(location, "city", city);
    }
    return Optional.empty();
  }

  private static String text(Map<?, ?> record, String... path) {
    Object at = record;
    for (String step : path) {
      at = at instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return at instanceof String text ? text : "";
  }

  private @Nullable Reader reader() {
    Path wanted = file;
    if (wanted != null && System.nanoTime() - lookAgain >= 0 && opening.tryLock()) {
      try {
        lookAgain = System.nanoTime() + LOOK_EVERY.toNanos();
        long now = Files.getLastModifiedTime(wanted).toMillis();
        if (now != modified) {
          // Mapped, since such files are larger than what else is kept in memory. The one before
          // isn't closed: somebody may be reading in it; it goes with the garbage.
          reader = new Reader(wanted.toFile(), new CHMCache());
          modified = now;
          LOG.info("locations outcome=read");
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("locations outcome=unreadable cause={}", e.getClass().getSimpleName());
      } finally {
        opening.unlock();
      }
    }
    return reader;
  }
}
