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
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
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
      long found =
          ServiceLoader.load(Connector.class, loader).stream()
              .filter(each -> loader.equals(each.type().getClassLoader()))
              .peek(each -> add(name, each.get()))
              .count();
      if (found == 0) {
        LOG.error("connectors jar={} outcome=unusable cause=no_connector_in_it", name);
      }
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) {
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

  /**
   * What somebody else's code answers. Whatever it throws stays with it, and its words are told to
   * nobody: they could be a message's.
   *
   * @return empty if it throws
   */
  static <T> Optional<T> called(Connector connector, Callable<T> code) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(connector.getClass().getClassLoader());
    try {
      return Optional.of(code.call());
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (Throwable e) {
      LOG.warn(
          "connector={} outcome=failed cause={} at={}",
          connector.getClass().getName(),
          e.getClass().getName(),
          e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0]);
      return Optional.empty();
    } finally {
      thread.setContextClassLoader(before);
      // Nobody interrupts these threads but such code itself.
      boolean _ = Thread.interrupted();
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
