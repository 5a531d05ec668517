package io.tributary.acceptance.processes;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A version of the product: what the Compose file and the Dockerfile of a built project say, and
 * where the image lies.
 */
record Release(Compose compose, Image image, Path place) {

  /** Reads a project, and lays its image out at a place of its own. */
  static Release of(Path root, Map<String, String> variables, Path place) {
    Image image = Image.read(root.resolve("Dockerfile"));
    image.link(root, place);
    return new Release(Compose.read(root.resolve("docker-compose.yml"), variables), image, place);
  }

  ComposeService service(String name) {
    return compose.service(name);
  }

  List<String> command(ComposeService service) {
    return image.command(place, service.command());
  }
}
