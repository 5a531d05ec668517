package io.tributary.acceptance;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.tributary.acceptance.processes.ProcessesSettings;
import io.tributary.acceptance.processes.Program;
import io.tributary.acceptance.processes.SeparateProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The services, the gateway, Kafka and Postgres as processes of their own. */
final class Processes implements Running {
  private final GreenMail mail;
  private final SeparateProcesses all;

  private Processes(Path directory) {
    mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    all =
        SeparateProcesses.start(
            ProcessesSettings.in(directory)
                .withVariable("TRIBUTARY_SMTP_HOST", "127.0.0.1")
                .withVariable("TRIBUTARY_SMTP_PORT", String.valueOf(mail.getSmtp().getPort()))
                .withVariable("TRIBUTARY_WEBHOOK_ALLOW_PRIVATE", "127.0.0.1"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(directory)));
  }

  /** Started once, and stopped with the JVM. */
  static Processes shared() {
    return Shared.PROCESSES;
  }

  private static final class Shared {
    static final Processes PROCESSES = make();

    private static Processes make() {
      try {
        return new Processes(Files.createTempDirectory("tributary-processes"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void end(Path directory) {
    all.close();
    mail.stop();
    Commands.run(
        Commands.ROOT, Duration.ofMinutes(1), Map.of(), List.of("rm", "-rf", directory.toString()));
  }

  @Override
  public String collectorUrl() {
    return all.collectorUrl();
  }

  @Override
  public String apiUrl() {
    return all.apiUrl();
  }

  @Override
  public String writeKey() {
    return all.writeKey();
  }

  @Override
  public String apiToken() {
    return all.apiToken();
  }

  @Override
  public GreenMail mail() {
    return mail;
  }

  @Override
  public List<Path> logs() {
    return all.programs().stream().map(Program::log).toList();
  }

  @Override
  public Connection database() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + all.postgres().port() + "/tributary",
        "tributary",
        all.secret("TRIBUTARY_DATABASE_PASSWORD"));
  }
}
