package io.tributary.ingestion.transform;

import io.tributary.event.Json;
import io.tributary.event.RawJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is done to each event of a source, step by step, before it's judged. */
public final class Transformation {
  private static final Logger LOG = LoggerFactory.getLogger(Transformation.class);

  /** The field in which an event carries what was done to it. */
  public static final String NOTE = "transformation";

  private static final int MAX_NOTED = 20;
  private static final int MAX_WAS = 200;

  private final long version;
  private final List<Step> steps;
  private final boolean withholds;

  /** Of most events there's nothing to say. */
  private final RawJson bareNote;

  Transformation(long version, List<Step> steps) {
    this.version = version;
    this.steps = List.copyOf(steps);
    this.bareNote = RawJson.of(Json.MAPPER.createObjectNode().put("version", version));
    this.withholds = steps.stream().anyMatch(step -> step.op().withholds());
  }

  /** Whether it takes away what isn't to be kept: then an event as it came is kept nowhere. */
  public boolean withholds() {
    return withholds;
  }

  /**
   * What was done to an event.
   *
   * @param note for the event: the version, what was changed and what couldn't be
   * @param refusals why it may not pass; empty if it may
   */
  public record Outcome(RawJson note, List<Refusal> refusals) {
    /** Copies the list. */
    public Outcome {
      refusals = List.copyOf(refusals);
    }
  }

  /** Changes the event; a step that fails is noted, and the others are done all the same. */
  public Outcome apply(ObjectNode event) {
    Notes notes = new Notes();
    for (Step step : steps) {
      notes.step = step;
      notes.event = event;
      try {
        if (step.only().matches(event, step.op().withholds())) {
          step.op().apply(event, notes);
        }
      } catch (RuntimeException e) {
        // A fault of ours or of a library costs this step only, and no event.
        LOG.warn(
            "transformation op={} outcome=failed cause={}",
            step.op().wire(),
            e.getClass().getSimpleName());
        LOG.debug("transformation op={} failed", step.op().wire(), e);
        notes.problem(step.op(), null, "failed");
        if (step.op().withholds()) {
          step.op().place().each(event, Place.Slot::remove);
        }
      }
    }
    return new Outcome(notes.json(), notes.refusals);
  }

  /** Hears the steps, and does what they say of their problems. */
  private final class Notes implements Op.Report {
    private final List<Refusal> refusals = new ArrayList<>(0);
    private final ArrayNode changed = Json.MAPPER.createArrayNode();
    private final ArrayNode problems = Json.MAPPER.createArrayNode();
    private Step step = steps.getFirst();
    private ObjectNode event = Json.MAPPER.createObjectNode();

    @Override
    public void changed(Op op, JsonNode was) {
      if (changed.size() < MAX_NOTED) {
        ObjectNode note = note(op, changed);
        if (!withholds) {
          String text = was.isValueNode() ? was.asString() : was.toString();
          note.put(
              "was",
              text.length() <= MAX_WAS
                  ? text
                  : text.substring(
                          0, text.offsetByCodePoints(0, text.codePointCount(0, MAX_WAS) - 1))
                      + "…");
        }
      }
    }

    @Override
    public void problem(Op op, Place.@Nullable Slot slot, String reason) {
      switch (step.onProblem()) {
        case KEEP -> {
          // As it is.
        }
        case REMOVE -> {
          if (slot == null) {
            op.place().each(event, Place.Slot::remove);
          } else {
            slot.remove();
          }
        }
        case REFUSE ->
            refusals.add(new Refusal("transformation_failed", op.place().path(), reason));
      }
      if (problems.size() < MAX_NOTED) {
        note(op, problems).put("problem", reason);
      }
    }

    @Override
    public void refused(Op op) {
      refusals.add(
          new Refusal(
              "field_not_allowed", op.place().path(), "isn't allowed in events of this source"));
    }

    private ObjectNode note(Op op, ArrayNode notes) {
      return notes.addObject().put("path", op.place().text()).put("op", op.wire());
    }

    RawJson json() {
      if (changed.isEmpty() && problems.isEmpty()) {
        return bareNote;
      }
      ObjectNode note = Json.MAPPER.createObjectNode().put("version", version);
      if (!changed.isEmpty()) {
        note.set("changed", changed);
      }
      if (!problems.isEmpty()) {
        note.set("problems", problems);
      }
      return RawJson.of(note);
    }
  }
}
