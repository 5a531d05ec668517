package io.tributary.stream;

import io.tributary.trace.Traces;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One membership of a stage, as {@link StageLoop} makes it, with clients that tell at which moment
 * of a batch they are. What is told may throw {@link Death}, or not return for a while.
 */
final class FragileWorker implements AutoCloseable {
  /** The process is gone: nothing of it runs any more, not even what cleans up. */
  static final class Death extends Error {
    private static final long serialVersionUID = 1;

    Death() {
      super("the process is gone", null, false, false);
    }
  }

  /** Hears of each moment of each batch, on the worker's own thread. */
  interface Incident {
    void at(Moment moment, FragileWorker worker) throws InterruptedException;
  }

  final Consumer<byte[], byte[]> consumer;
  final Map<TopicPartition, String> stopped = new HashMap<>();
  private final Producer<byte[], byte[]> producer;
  private final Incident incident;
  private final StageWorker worker;
  private final KafkaClients clients;
  private final ReentrantLock working = new ReentrantLock();

  FragileWorker(StreamFixture fixture, String instance, Stage stage, Incident incident) {
    this.incident = incident;
    this.clients = fixture.clients(instance);
    String name = fixture.consumer + "-" + instance + "-0";
    this.consumer = clients.consumer(fixture.consumer, name, StreamFixture.BATCH);
    this.producer = clients.transactionalProducer("tributary-" + name);
    Positions positions = new Positions("counting", fixture.consumer);
    DataSource source = telling(fixture.dataSource);
    Lineage lineage = Lineage.FIRST;
    this.worker =
        new StageWorker(
            fixture.settings(),
            telling(consumer),
            telling(producer),
            new Assignment(
                new Assignment.Reader(consumer, fixture.consumer, name),
                clients.admin(),
                source,
                positions,
                lineage,
                stopped),
            new BatchTransaction(source, positions, stage),
            new Quarantine("counting"),
            new StageMetrics(fixture.registry, fixture.consumer, new AtomicLong()),
            lineage,
            Traces.OFF);
  }

  /** A worker that dies at the given moment of its batch number {@code batch}, from 1. */
  static FragileWorker mortal(StreamFixture fixture, Moment end, int batch) {
    int[] left = {batch};
    return new FragileWorker(
        fixture,
        "0",
        fixture.stage(),
        (moment, _) -> {
          if (moment == end && --left[0] == 0) {
            throw new Death();
          }
        });
  }

  /** Works until it dies, or until an error ends its membership, which is returned. */
  @Nullable Exception work() throws InterruptedException {
    working.lock();
    try {
      worker.work();
      return null;
    } catch (Death _) {
      return null;
    } catch (FencedException | RuntimeException e) {
      return e;
    } finally {
      working.unlock();
    }
  }

  /** Leaves an open transaction open, as the end of a process does. */
  @Override
  public void close() {
    worker.stop();
    awaitEnd();
    producer.close(Duration.ZERO);
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(3)));
    clients.close();
  }

  /** A test that failed may have left it at work. */
  private void awaitEnd() {
    try {
      boolean _ = working.tryLock(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private DataSource telling(DataSource real) {
    return proxy(
        DataSource.class,
        (method, arguments) -> {
          Object result = method.invoke(real, arguments);
          return result instanceof Connection connection ? telling(connection) : result;
        });
  }

  private Connection telling(Connection real) {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          boolean commits = method.getName().equals("commit");
          tell(commits, Moment.BEFORE_COMMIT);
          Object result = method.invoke(real, arguments);
          tell(commits, Moment.AFTER_COMMIT);
          return result;
        });
  }

  private Producer<byte[], byte[]> telling(Producer<byte[], byte[]> real) {
    return telling(real, moment -> incident.at(moment, this));
  }

  /** Where nothing is said the offsets go to Kafka by themselves. */
  private Consumer<byte[], byte[]> telling(Consumer<byte[], byte[]> real) {
    @SuppressWarnings("unchecked")
    Consumer<byte[], byte[]> telling =
        proxy(
            Consumer.class,
            (method, arguments) -> {
              boolean offsets = method.getName().equals("commitSync");
              tell(offsets, Moment.AFTER_APPEND);
              Object result = method.invoke(real, arguments);
              tell(offsets, Moment.AFTER_KAFKA_COMMIT);
              return result;
            });
    return telling;
  }

  /** Hears of the moments of a Kafka transaction. */
  interface Listener {
    void at(Moment moment) throws InterruptedException;
  }

  /** A producer that tells at which moment of its transaction it is. */
  static Producer<byte[], byte[]> telling(Producer<byte[], byte[]> real, Listener listener) {
    @SuppressWarnings("unchecked")
    Producer<byte[], byte[]> telling =
        proxy(
            Producer.class,
            (method, arguments) -> {
              boolean offsets = method.getName().equals("sendOffsetsToTransaction");
              if (offsets) {
                real.flush(); // the outputs are in the log now, not just on their way
                listener.at(Moment.AFTER_APPEND);
              }
              Object result = method.invoke(real, arguments);
              if (offsets) {
                listener.at(Moment.AFTER_OFFSETS);
              } else if (method.getName().equals("commitTransaction")) {
                listener.at(Moment.AFTER_KAFKA_COMMIT);
              }
              return result;
            });
    return telling;
  }

  private void tell(boolean now, Moment moment) throws InterruptedException {
    if (now) {
      incident.at(moment, this);
    }
  }

  private interface Call {
    @Nullable Object of(java.lang.reflect.Method method, Object @Nullable [] arguments)
        throws InvocationTargetException, IllegalAccessException, InterruptedException;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              try {
                return call.of(method, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            }));
  }
}
