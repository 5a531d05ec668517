package io.tributary.stream;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Breaks COMMIT: before it takes effect, or after it did but before its answer arrives. */
final class FaultyDataSource {
  enum Moment {
    BEFORE_COMMIT,
    AFTER_COMMIT
  }

  final AtomicInteger failures;
  private final DataSource real;
  private final Moment moment;

  FaultyDataSource(DataSource real, Moment moment, int failures) {
    this.real = real;
    this.moment = moment;
    this.failures = new AtomicInteger(failures);
  }

  DataSource proxy() {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
              Object result = call(() -> method.invoke(real, arguments));
              return result instanceof Connection connection ? faulty(connection) : result;
            });
  }

  private Connection faulty(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) -> {
              if (method.getName().equals("commit") && failures.getAndDecrement() > 0) {
                if (moment == Moment.AFTER_COMMIT) {
                  connection.commit();
                }
                connection.close();
                throw new SQLException("connection lost", "08006");
              }
              return call(() -> method.invoke(connection, arguments));
            });
  }

  private interface Call {
    @Nullable Object run() throws InvocationTargetException, IllegalAccessException;
  }

  private static @Nullable Object call(Call call) throws Throwable {
    try {
      return call.run();
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
