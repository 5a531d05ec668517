package io.tributary.campaign.send;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A mail server that answers by a script: the verb (or "." for the end of the data) → the answer.
 */
public final class ScriptedSmtp implements AutoCloseable {
  /** Closes the connection instead of answering. */
  public static final String HANG_UP = "<hang up>";

  /** Never answers. */
  public static final String SILENCE = "<silence>";

  private final ServerSocket server;
  private final Map<String, String> script;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Whole messages whose end was seen. */
  public final List<String> received = new CopyOnWriteArrayList<>();

  /** The verbs of all commands. */
  public final List<String> verbs = new CopyOnWriteArrayList<>();

  public ScriptedSmtp(Map<String, String> script) throws IOException {
    this.script = script;
    this.server = new ServerSocket(0);
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = socket.getOutputStream()) {
      if (!answer(out, "connect", "220 test")) {
        return;
      }
      String line;
      while ((line = in.readLine()) != null) {
        String verb = line.split("[ :]")[0].toUpperCase(java.util.Locale.ROOT);
        verbs.add(verb);
        boolean data = verb.equals("DATA");
        if (!answer(out, verb, data ? "354 go on" : "250 fine")) {
          return;
        }
        if (data && !script.getOrDefault("DATA", "354").startsWith("354")) {
          continue;
        }
        if (data) {
          StringBuilder message = new StringBuilder();
          while ((line = in.readLine()) != null && !line.equals(".")) {
            message.append(line).append('\n');
          }
          if (line == null) {
            return;
          }
          received.add(message.toString());
          if (!answer(out, ".", "250 taken")) {
            return;
          }
        }
      }
    } catch (IOException e) {
      // The client has gone; the test looks at what it recorded.
      received.remove("");
    }
  }

  private boolean answer(OutputStream out, String step, String otherwise) throws IOException {
    String answer = script.getOrDefault(step, otherwise);
    if (answer.equals(HANG_UP)) {
      return false;
    }
    if (!answer.equals(SILENCE)) {
      out.write((answer + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
