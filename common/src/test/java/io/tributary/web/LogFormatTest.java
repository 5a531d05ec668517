package io.tributary.web;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The set-up of logs that all services share, with each of its formats. */
class LogFormatTest {
  private static final String FORGED = "name=a\r\n2026-01-01T00:00:00.000Z ERROR all is lost";

  @Test
  void aMessageIsOneLineSoThatNobodyWritesLinesOfTheirOwn() throws Exception {
    String line = line("text");
    assertThat(line.strip().lines()).hasSize(1);
    assertThat(line).contains("WARN", "name=a 2026-01-01T00:00:00.000Z ERROR all is lost");
  }

  @Test
  void jsonHasTheMessageTheLevelAndTheRequest() throws Exception {
    String line = line("json");
    assertThat(line.strip().lines()).hasSize(1);
    JsonNode json = JsonMapper.builder().build().readTree(line);
    assertThat(json.path("message").asString()).isEqualTo(FORGED);
    assertThat(json.at("/log/level").asString()).isEqualTo("WARN");
    assertThat(json.path("requestId").asString()).isEqualTo("req_1");
    assertThat(json.at("/service/name").asString()).isEqualTo("identity-service");
  }

  private static String line(String format) throws Exception {
    LoggerContext context = new LoggerContext();
    context.putProperty("TRIBUTARY_LOG_FORMAT", format);
    context.putObject(
        Environment.class.getName(),
        new MockEnvironment().withProperty("spring.application.name", "identity-service"));
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(
        Objects.requireNonNull(LogFormatTest.class.getResource("/logback-spring.xml")));
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    OutputStreamAppender<ILoggingEvent> console =
        (OutputStreamAppender<ILoggingEvent>) Objects.requireNonNull(root.getAppender("console"));
    LoggingEvent event = new LoggingEvent("here", root, Level.WARN, FORGED, null, null);
    event.setMDCPropertyMap(Map.of("requestId", "req_1"));
    byte[] encoded = console.getEncoder().encode(event);
    context.stop();
    return new String(encoded, StandardCharsets.UTF_8);
  }
}
