package io.tributary.standalone;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code tributary doctor}: what is wrong, in plain words, and what to do. */
final class Doctor {

  private Doctor() {}

  static int examine(Options options, PrintStream out) {
    Optional<Connection> running = Connection.find(options.data());
    List<Finding> findings = new ArrayList<>();
    findings.add(MachineChecks.java());
    findings.add(MachineChecks.disk(options.data()));
    findings.add(Backup.lastBackup(options.data()));
    if (running.isEmpty()) {
      findings.add(MachineChecks.port("--collector-port", options.collectorPort()));
      findings.add(MachineChecks.port("--api-port", options.apiPort()));
      findings.add(
          Finding.wrong(
              "Tributary",
              "isn't running in " + options.data(),
              "start it with ./tributary start"));
    } else {
      findings.addAll(ServerChecks.all(options, running.get()));
    }
    findings.forEach(finding -> out.println(finding.line()));
    long wrong = findings.stream().filter(finding -> !finding.well()).count();
    out.println(wrong == 0 ? "All is well." : wrong + (wrong == 1 ? " problem." : " problems."));
    return wrong == 0 ? 0 : 1;
  }
}
