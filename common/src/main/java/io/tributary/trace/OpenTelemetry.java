package io.tributary.trace;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.concurrent.TimeUnit;

/** Sends spans by OTLP over HTTP, in the background; what doesn't fit the queue is dropped. */
record OpenTelemetry(SdkTracerProvider provider, Tracer tracer, Propagator propagator)
    implements Traces.Exporting {

  static OpenTelemetry to(String endpoint, double sampled, String service) {
    Sampler share = Sampler.traceIdRatioBased(sampled);
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.of(AttributeKey.stringKey("service.name"), service))))
            // Decided by the trace's id, the same everywhere: a sender may name a trace, but not
            // have more of them followed than we wish.
            .setSampler(Sampler.parentBasedBuilder(share).setRemoteParentSampled(share).build())
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build())
                    .build())
            .build();
    io.opentelemetry.api.trace.Tracer tracer = provider.get("io.tributary");
    return new OpenTelemetry(
        provider,
        new OtelTracer(tracer, new OtelCurrentTraceContext(), event -> {}),
        new OtelPropagator(
            ContextPropagators.create(W3CTraceContextPropagator.getInstance()), tracer));
  }

  @Override
  public void close() {
    provider.shutdown().join(2, TimeUnit.SECONDS);
  }
}
