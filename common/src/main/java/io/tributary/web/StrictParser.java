package io.tributary.web;

import io.tributary.event.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.util.JsonParserDelegate;

/**
 * Refuses, with its path, what is legal JSON but can't be stored: NUL characters and unpaired
 * surrogates in texts and keys (Postgres knows neither), and numbers beyond double precision.
 */
final class StrictParser extends JsonParserDelegate {
  StrictParser(JsonParser parser) {
    super(parser);
  }

  @Override
  public String currentName() {
    return checked(super.currentName());
  }

  @Override
  public String nextName() {
    return checked(super.nextName());
  }

  @Override
  public String getString() {
    return checked(super.getString());
  }

  @Override
  public String getValueAsString() {
    return checked(super.getValueAsString());
  }

  @Override
  public String getValueAsString(String fallback) {
    return checked(super.getValueAsString(fallback));
  }

  @Override
  public double getDoubleValue() {
    double value = super.getDoubleValue();
    if (Double.isInfinite(value)) {
      throw Problem.invalid(
          path(), "number_too_large", "is a number beyond what can be stored (about 1.8e308)");
    }
    return value;
  }

  private String path() {
    return JsonPaths.of(streamReadContext().pathAsPointer());
  }

  @SuppressWarnings("NullAway") // Jackson answers null for "no name here", which is passed through
  private String checked(@Nullable String text) {
    if (text != null) {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) == 0) {
          throw Problem.invalid(
              path(), "nul_character", "contains the character U+0000, which can't be stored");
        }
        if (Json.isHalfOfPair(text, i)) {
          throw Problem.invalid(
              path(), "broken_unicode", "contains half of a surrogate pair, which is no character");
        }
      }
    }
    return text;
  }
}
