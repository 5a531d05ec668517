package io.tributary.web;

import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.DeserializationProblemHandler;

/**
 * Notes what doesn't fit while one body is bound, and lets the binding go on, so that the caller
 * learns of all faults at once. What is bound is worthless as soon as there is one.
 */
final class BodyFaults extends DeserializationProblemHandler {
  private static final int MAX_NOTED = 50;

  private final Faults faults = new Faults();

  List<Problem.Fault> list() {
    return faults.list();
  }

  @Override
  public boolean handleUnknownProperty(
      DeserializationContext context,
      JsonParser parser,
      ValueDeserializer<?> deserializer,
      Object beanOrClass,
      String name) {
    Collection<Object> known = deserializer == null ? null : deserializer.getKnownPropertyNames();
    String allowed = known == null ? "" : "; known are " + sorted(known);
    note(
        JsonPaths.of(parser.streamReadContext().pathAsPointer()),
        "unknown_key",
        "is not a known key" + allowed);
    parser.skipChildren();
    return true;
  }

  @Override
  public @Nullable Object handleWeirdKey(
      DeserializationContext context, Class<?> rawKeyType, String key, String failure) {
    note(context, "invalid_key", "the key must be " + wanted(rawKeyType));
    return null;
  }

  @Override
  public @Nullable Object handleWeirdStringValue(
      DeserializationContext context, Class<?> target, String value, String failure) {
    note(context, "invalid_value", "must be " + wanted(target));
    return placeholder(target);
  }

  @Override
  public @Nullable Object handleWeirdNumberValue(
      DeserializationContext context, Class<?> target, Number value, String failure) {
    note(context, "invalid_value", "must be " + wanted(target));
    return placeholder(target);
  }

  @Override
  public @Nullable Object handleUnexpectedToken(
      DeserializationContext context,
      JavaType target,
      JsonToken token,
      JsonParser parser,
      String failure) {
    note(
        context,
        "wrong_type",
        "must be " + wanted(target.getRawClass()) + " (was " + found(token) + ")");
    parser.skipChildren();
    return placeholder(target.getRawClass());
  }

  @Override
  public @Nullable Object handleNullForPrimitives(
      DeserializationContext context,
      Class<?> target,
      JsonParser parser,
      ValueDeserializer<?> deserializer,
      String failure) {
    note(context, "required", "must be " + wanted(target));
    return placeholder(target);
  }

  @Override
  public @Nullable Object handleInstantiationProblem(
      DeserializationContext context, Class<?> type, Object argument, Throwable failure) {
    String path = path(context);
    // Constructors' own exceptions come wrapped.
    Throwable cause =
        failure instanceof JacksonException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof Problem problem) {
      problem.faults().forEach(f -> note(JsonPaths.below(path, f.path()), f.code(), f.message()));
      if (problem.faults().isEmpty()) {
        note(path, problem.code(), problem.detail());
      }
    } else if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
      note(path, "invalid_value", cause.getMessage());
    } else if (faults.isEmpty()) {
      // A constructor that stumbled over a placeholder says nothing new.
      note(path, "incomplete", "lacks a required value");
    }
    return null;
  }

  private void note(DeserializationContext context, String code, String message) {
    note(path(context), code, message);
  }

  private void note(String path, String code, String message) {
    if (faults.list().size() < MAX_NOTED) {
      faults.add(path.isEmpty() ? "$" : path, code, message);
    }
  }

  private static String path(DeserializationContext context) {
    JsonParser parser = context.getParser();
    return parser == null ? "" : JsonPaths.of(parser.streamReadContext().pathAsPointer());
  }

  private static @Nullable Object placeholder(Class<?> target) {
    if (!target.isPrimitive()) {
      return null;
    }
    return java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(target, 1), 0);
  }

  private static String sorted(Collection<Object> names) {
    return new TreeSet<>(names.stream().map(Object::toString).toList())
        .stream().collect(Collectors.joining(", "));
  }

  static String wanted(Class<?> type) {
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", "));
    }
    if (type == String.class || CharSequence.class.isAssignableFrom(type)) {
      return "a text";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number"
          + (type == int.class || type == Integer.class ? " within 32 bits" : " within 64 bits");
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a number";
    }
    if (Temporal.class.isAssignableFrom(type)) {
      return "a time such as 2026-01-31T12:00:00Z";
    }
    if (type == UUID.class) {
      return "a UUID";
    }
    if (type.isArray() || Collection.class.isAssignableFrom(type)) {
      return "an array";
    }
    return type.isRecord() || Map.class.isAssignableFrom(type) ? "an object" : "a valid value";
  }

  private static String found(JsonToken token) {
    return switch (token) {
      case START_OBJECT, END_OBJECT, PROPERTY_NAME -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> "something else";
    };
  }
}
