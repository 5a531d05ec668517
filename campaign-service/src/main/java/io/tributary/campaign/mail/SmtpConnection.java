package io.tributary.campaign.mail;

import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import java.io.IOException;
import java.io.OutputStream;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/**
 * One conversation with the mail server that remembers how far it came. Before the end of the data
 * was sent, the message was certainly not taken; from then on only the server's answer says.
 */
final class SmtpConnection extends SMTPTransport {
  /** How far the conversation came. */
  enum Phase {
    CONNECT,
    SENDER,
    RECIPIENT,
    DATA,
    END_OF_DATA
  }

  private Phase phase = Phase.CONNECT;

  SmtpConnection(Session session) {
    super(session, new URLName("smtp", null, -1, null, null, null));
  }

  Phase phase() {
    return phase;
  }

  @Override
  public synchronized void sendMessage(Message message, Address[] addresses)
      throws MessagingException {
    phase = Phase.SENDER;
    super.sendMessage(message, addresses);
  }

  @Override
  protected void rcptTo() throws MessagingException {
    phase = Phase.RECIPIENT;
    super.rcptTo();
  }

  @Override
  protected OutputStream data() throws MessagingException {
    phase = Phase.DATA;
    return super.data();
  }

  @Override
  protected void finishData() throws IOException, MessagingException {
    phase = Phase.END_OF_DATA;
    super.finishData();
  }
}
