package io.tributary.acceptance;

import io.tributary.demo.Api;
import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Looks profiles up. */
final class Profiles {
  private Profiles() {}

  /**
   * The id of the profile with an identifier such as {@code userId:u1}; empty when there's none
   * yet.
   */
  static String find(Api api, String identifier) throws IOException, InterruptedException {
    var answer = api.answer("GET", "/api/v1/profiles?identifier=" + Api.encode(identifier), "");
    if (answer.statusCode() == 404) {
      return "";
    }
    JsonNode found = Api.MAPPER.readTree(answer.body());
    return found.path("data").path(0).path("id").asString("");
  }
}
