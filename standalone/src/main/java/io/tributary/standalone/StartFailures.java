package io.tributary.standalone;

import io.tributary.embedded.EmbeddedServerException;
import org.springframework.boot.web.server.PortInUseException;

/** Says in one sentence why a start failed. */
final class StartFailures {

  private StartFailures() {}

  static String sentence(Throwable failure, Options options) {
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case RefusedException refused -> {
          return String.valueOf(refused.getMessage());
        }
        case EmbeddedServerException embedded -> {
          return String.valueOf(embedded.getMessage());
        }
        case PortInUseException port -> {
          return taken(port.getPort(), options);
        }
        default -> root = cause;
      }
    }
    return "Tributary didn't start: "
        + root
        + ". Details are in "
        + Logs.file(options.data())
        + ".";
  }

  private static String taken(int port, Options options) {
    String option = port == options.collectorPort() ? "--collector-port" : "--api-port";
    return "Port " + port + " is taken by another program. Choose another with " + option + " N.";
  }
}
