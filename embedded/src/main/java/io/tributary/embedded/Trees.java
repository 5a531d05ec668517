package io.tributary.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole directory trees. */
public final class Trees {

  private Trees() {}

  /** Deletes a tree; nothing where there is none. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    for (Path path : paths(root, Comparator.reverseOrder())) {
      Files.deleteIfExists(path);
    }
  }

  /** Gives every file of the tree to the user; only the superuser can. */
  static void chown(Path root, int uid, int gid) throws IOException {
    for (Path path : paths(root, Comparator.naturalOrder())) {
      Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }
  }

  private static List<Path> paths(Path root, Comparator<Path> order) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.sorted(order).toList();
    }
  }
}
