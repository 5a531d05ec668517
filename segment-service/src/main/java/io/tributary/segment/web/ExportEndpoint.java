package io.tributary.segment.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.segment.store.ProfileKey;
import io.tributary.segment.store.ProfileReader;
import io.tributary.segment.store.SegmentReader;
import io.tributary.web.Problem;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** All members of a segment as a file, page by page, so that it may be of any size. */
@RestController
@RequestMapping("/api/v1/segments/{id}/export")
class ExportEndpoint {
  private static final int PAGE = 2_000;
  private static final int MAX_TRAITS = 50;

  private final SegmentViews views;
  private final ProfileReader profiles;

  ExportEndpoint(SegmentViews views, ProfileReader profiles) {
    this.views = views;
    this.profiles = profiles;
  }

  private record Line(SegmentReader.Member member, JsonNode traits) {}

  /**
   * Streams all members.
   *
   * @param format ndjson or csv
   * @param traits names of traits to add, at most 50
   */
  @GetMapping(produces = {"application/x-ndjson", "text/csv", MediaType.APPLICATION_JSON_VALUE})
  @RequiresScope(Scopes.SEGMENTS_READ)
  void export(
      Caller caller,
      @PathVariable String id,
      @RequestParam(defaultValue = "ndjson") String format,
      @RequestParam(defaultValue = "") List<String> traits,
      HttpServletResponse response)
      throws SQLException, IOException {
    boolean csv = format.equals("csv");
    if (!csv && !format.equals("ndjson")) {
      throw Problem.invalid("format", "invalid_value", "must be csv or ndjson");
    }
    if (traits.size() > MAX_TRAITS) {
      throw Problem.invalid("traits", "too_many", "names at most " + MAX_TRAITS + " traits");
    }
    List<Line> lines = page(caller.workspaceId(), id, new UUID(0, 0), !traits.isEmpty());
    response.setContentType((csv ? "text/csv" : "application/x-ndjson") + ";charset=UTF-8");
    response.setHeader("Content-Disposition", "attachment; filename=\"members." + format + "\"");
    PrintWriter out = response.getWriter();
    if (csv) {
      out.append(MemberLines.csvHeader(traits));
    }
    while (!lines.isEmpty() && !out.checkError()) {
      for (Line line : lines) {
        out.append(
            csv
                ? MemberLines.csv(line.member(), traits, line.traits())
                : MemberLines.ndjson(line.member(), traits, line.traits()));
      }
      UUID last = lines.getLast().member().profileId().uuid();
      lines =
          lines.size() < PAGE ? List.of() : page(caller.workspaceId(), id, last, !traits.isEmpty());
    }
    out.flush();
  }

  private List<Line> page(String workspaceId, String id, UUID after, boolean withTraits)
      throws SQLException {
    return views.read(connection -> {
      views.require(connection, workspaceId, id);
      List<SegmentReader.Member> members =
          views.reader().members(connection, workspaceId, id, after, PAGE);
      Map<ProfileKey, ProfileReader.Root> roots =
          withTraits
              ? profiles
                  .load(
                      connection,
                      members.stream()
                          .map(member -> new ProfileKey(workspaceId, member.profileId()))
                          .toList())
                  .roots()
              : Map.of();
      return members.stream()
          .map(member -> {
            ProfileReader.Root root = roots.get(new ProfileKey(workspaceId, member.profileId()));
            return new Line(member, root == null ? MissingNode.getInstance() : root.traits());
          })
          .toList();
    });
  }
}
