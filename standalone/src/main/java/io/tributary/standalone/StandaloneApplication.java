package io.tributary.standalone;

import io.tributary.campaign.CampaignApplication;
import io.tributary.gateway.GatewayApplication;
import io.tributary.identity.IdentityApplication;
import io.tributary.ingestion.IngestionApplication;
import io.tributary.profile.ProfileApplication;
import io.tributary.segment.SegmentApplication;
import java.io.PrintStream;
import java.util.List;

/** The {@code tributary} command: all services, Postgres and Kafka in one process. */
public final class StandaloneApplication {

  private static final int USAGE = 2;

  private StandaloneApplication() {}

  /** Runs one command; the exit status is 0 only when it was done. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    Options options;
    try {
      options = Options.parse(arguments, System.getenv());
    } catch (RefusedException e) {
      err.println(e.getMessage());
      return USAGE;
    }
    try {
      return switch (options.command()) {
        case START -> new Start(options, units(), out).run();
        case STOP -> Instance.stop(options, out);
        case STATUS -> Instance.status(options, out);
        case DOCTOR -> {
          Logs.off();
          yield Doctor.examine(options, out);
        }
        case BACKUP -> {
          Logs.off();
          yield new Backup(options, out).take();
        }
        case RESTORE -> {
          Logs.off();
          yield new Restore(options, out).run();
        }
        case RESTORED -> {
          Logs.off();
          yield Restored.say(options, out);
        }
      };
    } catch (RefusedException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  /** Back to front; the gateway, which asks all others, is the last. */
  static List<ServiceUnit> units() {
    return List.of(
        new ServiceUnit("campaign", CampaignApplication::application),
        new ServiceUnit("segment", SegmentApplication::application),
        new ServiceUnit("profile", ProfileApplication::application),
        new ServiceUnit("identity", IdentityApplication::application),
        new ServiceUnit("ingestion", IngestionApplication::application),
        new ServiceUnit("gateway", GatewayApplication::application));
  }
}
