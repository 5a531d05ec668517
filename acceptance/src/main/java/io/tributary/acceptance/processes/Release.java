package io.tributary.acceptance.processes;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A version of the product: what the Compose file and the Dockerfile of a built project say, and
 * where the image lies.
 */
record Release(Compose compose, Image image, Path place) {

  /**
   * Reads a project, and lays its image out at a place of its own.
   *
   * @param copied whether by copies that nobody can write, instead of links into the project
   */
  static Release of(Path root, Map<String, String> variables, Path place, boolean copied) {
    Image image = Image.read(root.resolve("Dockerfile"));
    if (copied) {
      image.copy(root, place);
    } else {
      image.link(root, place);
    }
    return new Release(Compose.read(root.resolve("docker-compose.yml"), variables), image, place);
  }

  ComposeService service(String name) {
    return compose.service(name);
  }

  /** Where its programs are started. */
  Path workDirectory() {
    return Path.of(place + image.workDirectory());
  }

  List<String> command(ComposeService service) {
    return image.command(place, service.command());
  }
}
