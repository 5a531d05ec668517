package io.tributary.ingestion.webhook;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is signed, as a template: {@code {method}}, {@code {url}}, {@code {body}}, {@code
 * {timestamp}}, {@code {form}} (names and values, sorted by name), {@code {header:<name>}}, {@code
 * {body:<JSON pointer>}}; all else stands for itself.
 */
record Content(List<Part> parts) {

  private sealed interface Part {
    record Text(String text) implements Part {}

    record Method() implements Part {}

    record Url() implements Part {}

    record WholeBody() implements Part {}

    record Timestamp() implements Part {}

    record Form() implements Part {}

    record At(Where source) implements Part {}
  }

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  static Content of(String template) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    while (from < template.length()) {
      int open = template.indexOf('{', from);
      int end = open < 0 ? template.length() : open;
      if (end > from) {
        parts.add(new Part.Text(template.substring(from, end)));
      }
      if (open < 0) {
        break;
      }
      int close = template.indexOf('}', open);
      if (close < 0) {
        throw new IllegalArgumentException("a brace isn't closed in " + template);
      }
      parts.add(part(template.substring(open + 1, close)));
      from = close + 1;
    }
    return new Content(List.copyOf(parts));
  }

  private static Part part(String name) {
    return switch (name) {
      case "method" -> new Part.Method();
      case "url" -> new Part.Url();
      case "body" -> new Part.WholeBody();
      case "timestamp" -> new Part.Timestamp();
      case "form" -> new Part.Form();
      default -> new Part.At(Where.of(name));
    };
  }

  /** How often a body may have to be read for it, before it's known who sent it. */
  long lookUps() {
    return parts.stream().filter(Part.At.class::isInstance).count();
  }

  /** Whether a signature of it says anything of what the body brings. */
  boolean holdsContent() {
    return parts.stream()
        .anyMatch(part ->
            switch (part) {
              case Part.WholeBody _, Part.Form _ -> true;
              case Part.At(Where.Header _) -> false;
              case Part.At _ -> true;
              case Part.Text _, Part.Method _, Part.Url _, Part.Timestamp _ -> false;
            });
  }

  /** Hands the signed bytes on, piece by piece. */
  void feed(Incoming request, Payload payload, String timestamp, Consumer<byte[]> out) {
    for (Part part : parts) {
      switch (part) {
        case Part.Text text -> out.accept(bytes(text.text()));
        case Part.Method _ -> out.accept(bytes(request.method()));
        case Part.Url _ -> out.accept(bytes(request.url()));
        case Part.WholeBody _ -> out.accept(request.body());
        case Part.Timestamp _ -> out.accept(bytes(timestamp));
        case Part.Form _ ->
            request.form().stream()
                .sorted(Comparator.comparing(Incoming.Field::name))
                .forEach(field -> out.accept(bytes(field.name() + field.value())));
        case Part.At at -> out.accept(bytes(at.source().text(request, payload).orElse("")));
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
