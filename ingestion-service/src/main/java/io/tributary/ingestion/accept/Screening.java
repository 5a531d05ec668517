package io.tributary.ingestion.accept;

import java.util.Arrays;

/**
 * A look at the bytes of a request before the parser sees them. Finds what the parser would stumble
 * over, or would let pass although it can't be stored, and mends it in a copy of the same length.
 * So one flawed event costs itself only: the parser gets through, and the event is refused because
 * of the flaw that was noted at its place.
 */
final class Screening {
  private final byte[] in;
  private byte[] out;
  private int pos;
  private int depth;
  private int stringStart = -1;
  private int stringEnd = -1;
  private boolean mended;
  private int[] offsets = new int[0];
  private Flaw[] flaws = new Flaw[0];
  private int count;

  private Screening(byte[] body) {
    in = body;
    out = body;
  }

  static Screening of(byte[] body) {
    Screening screening = new Screening(body);
    screening.run();
    return screening;
  }

  /** The body as the parser may read it: same length, same places. */
  byte[] readable() {
    return out;
  }

  /** The number of the first flaw at or behind an offset; flaws are in the order of the text. */
  int firstFrom(int offset) {
    int found = Arrays.binarySearch(offsets, 0, count, offset);
    return found >= 0 ? found : -found - 1;
  }

  int count() {
    return count;
  }

  int offset(int flaw) {
    return offsets[flaw];
  }

  Flaw flaw(int flaw) {
    return flaws[flaw];
  }

  private void run() {
    if (in.length >= 3 && in[0] == (byte) 0xef && in[1] == (byte) 0xbb && in[2] == (byte) 0xbf) {
      fill(0, 3, ' ');
      pos = 3;
    }
    while (pos < in.length) {
      byte b = in[pos];
      if (b == '"') {
        string();
      } else if (b == '-' || (b >= '0' && b <= '9')) {
        number();
      } else {
        structure(b);
      }
    }
  }

  private void structure(byte b) {
    switch (b) {
      case '{', '[' -> open();
      case '}', ']' -> depth--;
      case ':' -> name();
      // Nothing valid; would make the parser guess at UTF-16.
      default -> {
        if (b < 0 || (b < 0x20 && b != '\n' && b != '\r' && b != '\t')) {
          mend(pos, '?');
        }
      }
    }
    pos++;
  }

  private void open() {
    if (depth < Limits.DEPTH) {
      depth++;
      return;
    }
    int start = pos;
    note(start, Flaw.TOO_DEEP);
    int inside = 0;
    do {
      byte b = in[pos];
      if (b == '"') {
        skipString();
      } else {
        inside += b == '{' || b == '[' ? 1 : b == '}' || b == ']' ? -1 : 0;
        pos++;
      }
    } while (inside > 0 && pos < in.length);
    blank(start, pos);
    pos--;
  }

  private void skipString() {
    pos++;
    while (pos < in.length && in[pos] != '"') {
      pos += in[pos] == '\\' ? 2 : 1;
    }
    pos = Math.min(pos + 1, in.length);
  }

  private void string() {
    stringStart = pos++;
    while (pos < in.length) {
      byte b = in[pos];
      if (b == '"') {
        pos++;
        break;
      } else if (b == '\\') {
        escape();
      } else if (b < 0) {
        beyondAscii();
      } else if (b < 0x20) {
        note(pos, b == 0 ? Flaw.NUL : Flaw.CONTROL_CHARACTER);
        mend(pos++, '?');
      } else {
        pos++;
      }
    }
    pos = Math.min(pos, in.length);
    stringEnd = pos;
  }

  private void escape() {
    int code = unit(pos);
    if (code < 0) {
      pos += 2;
      return;
    }
    if (code == 0) {
      note(pos, Flaw.NUL);
    } else if (Character.isHighSurrogate((char) code)) {
      int next = unit(pos + 6);
      if (next >= 0 && Character.isLowSurrogate((char) next)) {
        pos += 6;
      } else {
        note(pos, Flaw.LONE_SURROGATE);
      }
    } else if (Character.isLowSurrogate((char) code)) {
      note(pos, Flaw.LONE_SURROGATE);
    }
    pos += 6;
  }

  /** The UTF-16 unit of an escape with four hex digits; -1 when there is none. */
  private int unit(int at) {
    if (at + 6 > in.length || in[at] != '\\' || in[at + 1] != 'u') {
      return -1;
    }
    int code = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(in[i], 16);
      if (digit < 0) {
        return -1;
      }
      code = code << 4 | digit;
    }
    return code;
  }

  private void beyondAscii() {
    int length = sequence();
    if (length > 0) {
      pos += length;
    } else {
      note(pos, Flaw.INVALID_UTF8);
      mend(pos++, '?');
    }
  }

  /** How long the UTF-8 sequence here is; 0 when it is none (Unicode, table 3-7). */
  private int sequence() {
    int first = in[pos] & 0xff;
    if (first >= 0xc2 && first <= 0xdf) {
      return isWithin(1, 0x80, 0xbf) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
      int low = first == 0xe0 ? 0xa0 : 0x80;
      int high = first == 0xed ? 0x9f : 0xbf;
      return isWithin(1, low, high) && isWithin(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
      int low = first == 0xf0 ? 0x90 : 0x80;
      int high = first == 0xf4 ? 0x8f : 0xbf;
      return isWithin(1, low, high) && isWithin(2, 0x80, 0xbf) && isWithin(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
  }

  private boolean isWithin(int ahead, int low, int high) {
    int b = pos + ahead < in.length ? in[pos + ahead] & 0xff : -1;
    return b >= low && b <= high;
  }

  private void name() {
    if (stringStart >= 0) {
      mendSurrogates();
    }
    if (stringStart >= 0 && stringEnd - stringStart - 2 > Limits.NAME_BYTES) {
      note(stringEnd - 1, Flaw.NAME_TOO_LONG);
      fill(stringStart, stringEnd, ' ');
      mend(stringStart, '"');
      mend(stringStart + 1, '_');
      mend(stringStart + 2, '"');
    }
    stringStart = -1;
  }

  /**
   * Half a pair passes in a value, but in a name it would end the parser and with it the request.
   */
  private void mendSurrogates() {
    for (int i = firstFrom(stringStart); i < count && offsets[i] < stringEnd; i++) {
      if (flaws[i] == Flaw.LONE_SURROGATE) {
        fill(offsets[i], offsets[i] + 6, '?');
      }
    }
  }

  private void number() {
    int start = pos;
    int exponentAt = -1;
    while (pos < in.length && isOfNumber(in[pos])) {
      if (in[pos] == 'e' || in[pos] == 'E') {
        exponentAt = pos + 1;
      }
      pos++;
    }
    if (pos - start > Limits.NUMBER_LENGTH
        || (exponentAt >= 0 && isExponentTooLarge(exponentAt, pos))) {
      note(start, Flaw.NUMBER_OUT_OF_RANGE);
      blank(start, pos);
    }
  }

  private boolean isExponentTooLarge(int from, int to) {
    int exponent = 0;
    for (int i = from; i < to; i++) {
      if (in[i] >= '0' && in[i] <= '9') {
        exponent = exponent * 10 + (in[i] - '0');
        if (exponent > Limits.EXPONENT) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isOfNumber(byte b) {
    return (b >= '0' && b <= '9') || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E';
  }

  private void note(int offset, Flaw flaw) {
    if (count == flaws.length) {
      offsets = Arrays.copyOf(offsets, Math.max(8, count * 2));
      flaws = Arrays.copyOf(flaws, offsets.length);
    }
    offsets[count] = offset;
    flaws[count++] = flaw;
  }

  /** Puts a harmless value in the place of another one. */
  private void blank(int from, int to) {
    fill(from, to, ' ');
    mend(from, '0');
  }

  private void fill(int from, int to, char c) {
    mend(from, c);
    Arrays.fill(out, from, to, (byte) c);
  }

  private void mend(int at, char c) {
    if (!mended) {
      mended = true;
      out = in.clone();
    }
    out[at] = (byte) c;
  }
}
