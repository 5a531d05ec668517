package io.tributary.ingestion.files;

import io.tributary.event.CollectedEvent;
import io.tributary.ingestion.accept.BoundedJson;
import io.tributary.ingestion.accept.Call;
import io.tributary.ingestion.accept.CollectRequest;
import io.tributary.ingestion.accept.Reading;
import io.tributary.ingestion.accept.Reason;
import io.tributary.ingestion.accept.Receipt;
import io.tributary.ingestion.accept.Source;
import io.tributary.ingestion.accept.Verdict;
import io.tributary.ingestion.webhook.RowMapping;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Says of rows which calls they become, and judges these as the collector judges a batch. */
public final class RowJudge {
  /** More than any event may have: what is between is refused with all its reasons. */
  private static final int MAX_CALL = 64_000;

  private static final int MAX_BODY = CollectRequest.MAX_BYTES / 2;

  private final @Nullable RowMapping mapping;
  private final boolean historical;
  private final Source source;

  /**
   * What becomes of a row.
   *
   * @param call null where there's none
   * @param verdict null where there's no call, or one that is too large
   * @param reasons why it isn't accepted
   */
  public record Judged(
      Row row, @Nullable ObjectNode call, @Nullable Verdict verdict, List<Reason> reasons) {
    /** Whether it becomes an event. */
    public boolean isAccepted() {
      return verdict instanceof Verdict.Accepted;
    }
  }

  private record Pending(Row row, ObjectNode call, byte[] bytes) {}

  /**
   * Judges rows of a source.
   *
   * @param mapping what becomes of a row; null where a row is a call itself
   * @param historical whether what they become starts no campaign
   */
  public RowJudge(@Nullable RowMapping mapping, boolean historical, Source source) {
    this.mapping = mapping;
    this.historical = historical;
    this.source = source;
  }

  /** Judges rows that came one after another; what comes out has their order. */
  public List<Judged> judge(List<Row> rows, Receipt receipt) {
    List<Judged> judged = new ArrayList<>(rows.size());
    List<Pending> pending = new ArrayList<>();
    long bytes = 0;
    for (Row row : rows) {
      ObjectNode call = row.fields() == null ? null : call(row.fields(), row.version());
      Optional<byte[]> written =
          call == null ? Optional.empty() : BoundedJson.bytes(call, MAX_CALL);
      if (call != null && written.isPresent()) {
        if (bytes + written.get().length > MAX_BODY) {
          flush(pending, receipt, judged);
          bytes = 0;
        }
        pending.add(new Pending(row, call, written.get()));
        bytes += written.get().length + 1;
      } else {
        flush(pending, receipt, judged);
        bytes = 0;
        Reason reason =
            row.flaw() == null
                ? new Reason("event_too_large", "$", "becomes more than an event may hold")
                : row.flaw();
        judged.add(new Judged(row, call, null, List.of(reason)));
      }
    }
    flush(pending, receipt, judged);
    return judged;
  }

  private ObjectNode call(ObjectNode fields, @Nullable String version) {
    ObjectNode call = mapping == null ? fields : mapping.call(source.sourceId(), fields, version);
    if (!call.hasNonNull("messageId")) {
      call.put("messageId", RowMapping.ofContent(source.sourceId(), call, version));
    }
    if (historical) {
      call.put(CollectedEvent.HISTORICAL, true);
    }
    return call;
  }

  private void flush(List<Pending> pending, Receipt receipt, List<Judged> judged) {
    if (!pending.isEmpty()) {
      judge(List.copyOf(pending), receipt, judged);
      pending.clear();
    }
  }

  /** One that spoils the batch around it is found by halves. */
  private void judge(List<Pending> pending, Receipt receipt, List<Judged> judged) {
    switch (CollectRequest.read(body(pending), Call.BATCH)) {
      case Reading.Legible legible -> {
        List<Verdict> verdicts = legible.request().judge(source, receipt);
        for (int i = 0; i < pending.size(); i++) {
          Pending each = pending.get(i);
          Verdict verdict = verdicts.get(i);
          List<Reason> reasons =
              verdict instanceof Verdict.Rejected rejected ? told(rejected.reasons()) : List.of();
          judged.add(new Judged(each.row(), each.call(), verdict, reasons));
        }
      }
      case Reading.Illegible illegible -> {
        if (pending.size() == 1) {
          Reason reason = new Reason(illegible.code(), "$", illegible.message());
          Pending each = pending.getFirst();
          judged.add(new Judged(each.row(), each.call(), null, List.of(reason)));
        } else {
          int middle = pending.size() / 2;
          judge(pending.subList(0, middle), receipt, judged);
          judge(pending.subList(middle, pending.size()), receipt, judged);
        }
      }
    }
  }

  /** Where the mapping says how times are written, that's what is missed. */
  private List<Reason> told(List<Reason> reasons) {
    String format = mapping == null ? null : mapping.timeFormat();
    return format == null
        ? reasons
        : reasons.stream()
            .map(reason ->
                reason.code().equals("invalid_time")
                    ? new Reason(reason.code(), reason.path(), "must be written as " + format)
                    : reason)
            .toList();
  }

  private static byte[] body(List<Pending> pending) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1_024 * pending.size());
    String separator = "{\"batch\":[";
    for (Pending each : pending) {
      out.writeBytes(separator.getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(each.bytes());
      separator = ",";
    }
    out.writeBytes("]}".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }
}
