package io.tributary.ingestion.destination;

import io.tributary.connector.Connector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connectors by their names, from the jars of a directory. Each jar sees this program and itself,
 * and no other jar. One that can't be used costs nobody else anything.
 */
final class Connectors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Connectors.class);
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,40}");

  private final Map<String, Connector> byName = new TreeMap<>();
  private final List<URLClassLoader> loaders = new ArrayList<>();

  /**
   * Those of a directory.
   *
   * @param directory blank for none
   */
  Connectors(String directory) {
    if (directory.isBlank()) {
      return;
    }
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(this::load);
    } catch (IOException | UncheckedIOException e) {
      LOG.error("connectors outcome=unreadable cause={}", e.getClass().getSimpleName());
    }
  }

  private void load(Path jar) {
    String name = String.valueOf(jar.getFileName());
    try {
      URLClassLoader loader = loader(jar);
      loaders.add(loader);
      ServiceLoader.load(Connector.class, loader).stream()
          .filter(each -> loader.equals(each.type().getClassLoader()))
          .forEach(each -> add(name, each.get()));
    } catch (MalformedURLException
        | ServiceConfigurationError
        | LinkageError
        | RuntimeException e) {
      LOG.error("connectors jar={} outcome=unusable", name, e);
    }
  }

  private static URLClassLoader loader(Path jar) throws MalformedURLException {
    return new URLClassLoader(
        String.valueOf(jar.getFileName()),
        new URL[] {jar.toUri().toURL()},
        Connectors.class.getClassLoader());
  }

  private void add(String jar, Connector connector) {
    String name = connector.name();
    if (!NAME.matcher(name).matches() || byName.putIfAbsent(name, connector) != null) {
      LOG.error("connectors jar={} outcome=refused cause=name_invalid_or_taken", jar);
    } else {
      LOG.info("connector={} jar={} action=load", name, jar);
    }
  }

  Optional<Connector> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  @Override
  public void close() {
    for (URLClassLoader each : loaders) {
      try {
        each.close();
      } catch (IOException e) {
        LOG.debug("connectors outcome=not_closed", e);
      }
    }
  }
}
