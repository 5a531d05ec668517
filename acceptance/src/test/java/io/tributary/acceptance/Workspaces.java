package io.tributary.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.demo.Api;
import java.io.IOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes workspaces, so that a test can count all that's in one. */
final class Workspaces {
  private Workspaces() {}

  /** A new workspace with one server source, seen through its own write key and token. */
  static Api create(Running product, String name) throws IOException, InterruptedException {
    ObjectNode body = Api.MAPPER.createObjectNode().put("name", name);
    String token = product.api().post("/api/v1/workspaces", body).at("/token/secret").asString();
    Api keyless = new Api(product.collectorUrl(), product.apiUrl(), "none", token);
    ObjectNode source = Api.MAPPER.createObjectNode().put("name", name).put("kind", "server");
    String id = keyless.post("/api/v1/sources", source).path("id").asString();
    JsonNode key = keyless.get("/api/v1/sources/" + id).path("writeKeys").path(0);
    String writeKey = key.path("writeKey").asString(key.path("key").asString(""));
    assertThat(writeKey).isNotBlank();
    return new Api(product.collectorUrl(), product.apiUrl(), writeKey, token);
  }
}
