package io.tributary.campaign.template;

/** Where a template's output lands, which decides how values are escaped. */
public enum Escaping {
  /** Plain text: values as they are. */
  NONE,
  /** HTML text and quoted attributes. */
  HTML,
  /** Inside the quotes of a JSON string; numbers and booleans also stand outside. */
  JSON;

  String escape(String text) {
    return switch (this) {
      case NONE -> text;
      case HTML -> html(text);
      case JSON -> json(text);
    };
  }

  private static String html(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '`' -> out.append("&#96;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  private static String json(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7f || c == '\u2028' || c == '\u2029') {
        out.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
