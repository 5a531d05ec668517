package io.tributary.trace;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/**
 * Spans of HTTP requests. They are told the pattern of a path and never the path: paths hold write
 * keys, ids of people and links that unsubscribe.
 */
final class HttpSpans {
  private HttpSpans() {}

  static void register(ObservationRegistry registry, Tracer tracer, Propagator propagator) {
    registry
        .observationConfig()
        .observationHandler(new Served(tracer, propagator))
        .observationHandler(new Sent(tracer, propagator));
  }

  private static void tag(Observation.Context context, Span span) {
    for (KeyValue value : context.getLowCardinalityKeyValues()) {
      span.tag(value.getKey(), value.getValue());
    }
  }

  private static final class Served
      extends PropagatingReceiverTracingObservationHandler<ReceiverContext<?>> {
    Served(Tracer tracer, Propagator propagator) {
      super(tracer, propagator);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof ServerRequestObservationContext observed
          && observed.getCarrier() != null
          && !observed.getCarrier().getRequestURI().startsWith("/actuator");
    }

    @Override
    public void tagSpan(ReceiverContext<?> context, Span span) {
      tag(context, span);
    }
  }

  private static final class Sent
      extends PropagatingSenderTracingObservationHandler<SenderContext<?>> {
    Sent(Tracer tracer, Propagator propagator) {
      super(tracer, propagator);
    }

    @Override
    public void tagSpan(SenderContext<?> context, Span span) {
      tag(context, span);
    }
  }
}
