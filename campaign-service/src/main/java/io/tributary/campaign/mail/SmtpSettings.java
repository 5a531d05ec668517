package io.tributary.campaign.mail;

import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The mail server.
 *
 * @param starttls whether the connection must be encrypted before anything is said
 * @param timeout how long to wait for each answer
 */
public record SmtpSettings(
    String host,
    int port,
    @Nullable String username,
    @Nullable String password,
    boolean starttls,
    Duration connectTimeout,
    Duration timeout) {

  Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("mail.smtp.host", host);
    properties.setProperty("mail.smtp.port", Integer.toString(port));
    properties.setProperty("mail.smtp.auth", Boolean.toString(username != null));
    properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(starttls));
    properties.setProperty("mail.smtp.starttls.required", Boolean.toString(starttls));
    properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    properties.setProperty("mail.smtp.connectiontimeout", millis(connectTimeout));
    properties.setProperty("mail.smtp.timeout", millis(timeout));
    properties.setProperty("mail.smtp.writetimeout", millis(timeout));
    // The answer to QUIT tells nothing: the message is taken or not by then.
    properties.setProperty("mail.smtp.quitwait", "false");
    properties.setProperty("mail.smtp.sendpartial", "false");
    properties.setProperty("mail.mime.charset", "UTF-8");
    return properties;
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }

  @Override
  public String toString() {
    return "SmtpSettings[" + host + ":" + port + "]";
  }
}
