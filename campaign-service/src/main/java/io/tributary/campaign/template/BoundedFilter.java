package io.tributary.campaign.template;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.regex.Pattern;
import liqp.TemplateContext;
import liqp.filters.Filter;
import org.jspecify.annotations.Nullable;

/** A filter of the library that refuses what would grow without bounds. */
final class BoundedFilter extends Filter {
  private static final int MOST_DIGITS = 60;
  private static final Pattern EXPONENT = Pattern.compile("(?s).*\\d[eE][+-]?\\d{3,}.*");
  private final Filter filter;

  BoundedFilter(Filter filter) {
    super(filter.getName());
    this.filter = filter;
  }

  @Override
  public @Nullable Object apply(
      @Nullable Object value, TemplateContext context, @Nullable Object... params) {
    Renderings.budget(context).step();
    check(value);
    for (Object param : params) {
      check(param);
    }
    checkGrowth(value, params);
    Object result = filter.apply(value, context, params);
    check(result);
    return result;
  }

  /** Only these grow with the product of their inputs; their result is bounded before it's made. */
  private void checkGrowth(@Nullable Object value, @Nullable Object... params) {
    boolean replaces = name.equals("replace") || name.equals("join");
    if (replaces && params.length > 0) {
      Object last = params[params.length - 1];
      long pieces =
          value instanceof CharSequence text
              ? text.length() + 1L
              : value instanceof Collection<?> list ? list.size() : 1L;
      if (last instanceof CharSequence by && pieces * by.length() > 4L * Budget.LONGEST_OUTPUT) {
        Budget.length(Integer.MAX_VALUE);
      }
    }
  }

  private static void check(@Nullable Object value) {
    switch (value) {
      case null -> {}
      case CharSequence text -> text(text);
      case BigDecimal number -> digits(number);
      case Collection<?> list -> elements(list.size());
      case Object[] array -> elements(array.length);
      default -> {}
    }
  }

  // A short text such as 1e999999999 is a number whose plain form fills the memory.
  private static void text(CharSequence text) {
    Budget.length(text.length());
    if (text.length() <= MOST_DIGITS && EXPONENT.matcher(text).matches()) {
      throw new Budget.ExceededException("a number is too large or too small");
    }
  }

  private static void digits(BigDecimal number) {
    if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > MOST_DIGITS) {
      throw new Budget.ExceededException("a number has too many digits");
    }
  }

  private static void elements(int count) {
    if (count > Budget.MOST_ELEMENTS) {
      throw new Budget.ExceededException(
          "a list grows beyond " + Budget.MOST_ELEMENTS + " elements");
    }
  }
}
