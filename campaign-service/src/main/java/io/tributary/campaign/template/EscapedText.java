package io.tributary.campaign.template;

/**
 * Text that is already fit for where it lands. Every filter but the escaping ones turns it into an
 * ordinary text again, which is then escaped like any other.
 */
record EscapedText(String text) implements CharSequence {
  @Override
  public int length() {
    return text.length();
  }

  @Override
  public char charAt(int index) {
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
