package io.tributary.trace;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Follows sampled requests. A trace is passed on as the value of {@code traceparent}; null stands
 * for none, which is what all methods answer while traces are off.
 */
public final class Traces implements AutoCloseable {
  /** Nothing is followed. */
  public static final Traces OFF = new Traces(null);

  /** The header of HTTP requests and of records. */
  public static final String HEADER = "traceparent";

  private final @Nullable Exporting exporting;

  private Traces(@Nullable Exporting exporting) {
    this.exporting = exporting;
  }

  /** What makes spans and where they go. */
  interface Exporting extends AutoCloseable {
    Tracer tracer();

    Propagator propagator();

    @Override
    void close();
  }

  static Traces to(Exporting exporting) {
    return new Traces(exporting);
  }

  /** The sampled span that this thread is in. */
  public @Nullable String current() {
    return exporting == null ? null : name(exporting.tracer().currentSpan(), exporting);
  }

  /** What a record carries. */
  public @Nullable String of(Headers headers) {
    if (exporting == null) {
      return null;
    }
    Header header = headers.lastHeader(HEADER);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.US_ASCII);
  }

  /** The record, carrying the trace if there is one and traces are on. */
  public ProducerRecord<byte[], byte[]> carry(
      ProducerRecord<byte[], byte[]> record, @Nullable String trace) {
    if (trace != null && exporting != null) {
      record.headers().add(HEADER, trace.getBytes(StandardCharsets.US_ASCII));
    }
    return record;
  }

  /**
   * A part of the way that began with the trace.
   *
   * @param name what happens in it
   */
  public Part begin(String name, @Nullable String trace) {
    if (trace == null || exporting == null) {
      return Part.NONE;
    }
    Span span =
        exporting
            .propagator()
            .extract(Map.of(HEADER, trace), Map::get)
            .name(name)
            .kind(Span.Kind.CONSUMER)
            .start();
    return new Part(span, name(span, exporting));
  }

  /** Makes each HTTP request that is served or sent a part of a trace. */
  void observe(ObservationRegistry registry) {
    if (exporting != null) {
      HttpSpans.register(registry, exporting.tracer(), exporting.propagator());
    }
  }

  private static @Nullable String name(@Nullable Span span, Exporting exporting) {
    TraceContext context = span == null ? null : span.context();
    if (context == null || !Boolean.TRUE.equals(context.sampled())) {
      return null;
    }
    Map<String, String> headers = new HashMap<>(2);
    exporting.propagator().inject(context, headers, (_, key, value) -> headers.put(key, value));
    return headers.get(HEADER);
  }

  /** A span, to be ended. */
  public static final class Part {
    private static final Part NONE = new Part(null, null);
    private final @Nullable Span span;
    private final @Nullable String trace;

    private Part(@Nullable Span span, @Nullable String trace) {
      this.span = span;
      this.trace = trace;
    }

    /** For what it brings about. */
    public @Nullable String trace() {
      return trace;
    }

    /** Ends it; an error is noted by its class, since its text may hold personal data. */
    public void end(@Nullable Throwable error) {
      if (span != null) {
        if (error != null) {
          span.tag("error", error.getClass().getSimpleName());
        }
        span.end();
      }
    }
  }

  @Override
  public void close() {
    if (exporting != null) {
      exporting.close();
    }
  }
}
