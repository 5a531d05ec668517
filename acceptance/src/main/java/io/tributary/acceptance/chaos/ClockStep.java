package io.tributary.acceptance.chaos;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Puts the clock of a running JVM forward or back; of that one only, as if it had a machine. */
final class ClockStep {
  private final Path agent;

  private ClockStep(Path agent) {
    this.agent = agent;
  }

  /** What it takes is written into the directory. */
  static ClockStep in(Path directory) throws IOException {
    Path agent = directory.resolve("clock-agent.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Agent-Class", ClockAgent.class.getName());
    manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
    String entry = ClockAgent.class.getName().replace('.', '/') + ".class";
    try (InputStream code = ClockAgent.class.getResourceAsStream("ClockAgent.class");
        JarOutputStream jar = new JarOutputStream(Files.newOutputStream(agent), manifest)) {
      if (code == null) {
        throw new IOException("there's no " + entry);
      }
      jar.putNextEntry(new JarEntry(entry));
      code.transferTo(jar);
      jar.closeEntry();
    }
    return new ClockStep(agent);
  }

  /** From now on the JVM's clock is so much ahead of the machine's; behind, if negative. */
  void set(long pid, Duration ahead) throws IOException {
    try {
      VirtualMachine jvm = VirtualMachine.attach(String.valueOf(pid));
      try {
        jvm.loadAgent(agent.toString(), String.valueOf(ahead.toMillis()));
      } finally {
        jvm.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException("setting the clock of process " + pid, e);
    }
  }
}
