package io.tributary.acceptance.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/** Random secrets in a folder, made by the script that an operator uses. */
final class SecretFiles {

  private final Path folder;

  private SecretFiles(Path folder) {
    this.folder = folder;
  }

  /** Makes those that are missing. */
  static SecretFiles make(Path root, Path folder) {
    ProcessBuilder builder =
        new ProcessBuilder(root.resolve("deploy/make-secrets").toString(), folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = builder.start();
      if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IllegalStateException(builder.command() + " failed");
      }
      return new SecretFiles(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("running " + builder.command(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while making secrets", e);
    }
  }

  String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("reading the secret " + name, e);
    }
  }

  /** Copies secrets into another folder; no others are in there. */
  Path copy(Iterable<String> names, Path into) {
    try {
      Files.createDirectories(into);
      for (String name : names) {
        copy(name, into.resolve(name));
      }
      return into;
    } catch (IOException e) {
      throw new UncheckedIOException("making " + into, e);
    }
  }

  void copy(String name, Path to) {
    try {
      Files.copy(folder.resolve(name), to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("copying the secret " + name, e);
    }
  }
}
