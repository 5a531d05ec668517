package io.tributary.web;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingRequestHeaderException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Says what an exception means for the caller; empty for what is our own fault. */
final class ProblemOf {
  private static final Duration SOON = Duration.ofSeconds(2);

  private ProblemOf() {}

  static Optional<Problem> exception(Throwable failure) {
    // The innermost exception that says something wins: frameworks wrap, and wrapping hides.
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof Problem problem) {
        return Optional.of(problem);
      }
      if (at instanceof BodyTooLargeException tooLarge) {
        return Optional.of(tooLarge.problem());
      }
      if (at instanceof SQLException sql) {
        Optional<Problem> problem = sql(sql);
        if (problem.isPresent()) {
          return problem;
        }
      }
    }
    return Optional.ofNullable(web(failure)).or(() -> Optional.ofNullable(database(failure)));
  }

  private static @Nullable Problem web(Throwable failure) {
    return switch (failure) {
      case HttpMessageNotReadableException e ->
          e.getCause() instanceof JacksonException json
              ? json(json)
              : Problem.badRequest("body_required", "Send the request's values as a JSON object.");
      case InvalidParameterException e ->
          Problem.badRequest(
              "invalid_query",
              "The query of the address can't be read: each % must be followed by two hexadecimal"
                  + " digits, and what they stand for must be UTF-8 (é is %C3%A9).");
      case MissingServletRequestParameterException e ->
          Problem.invalid(e.getParameterName(), "required", "is missing in the query");
      case MissingRequestHeaderException e ->
          Problem.invalid(e.getHeaderName(), "required", "is missing among the headers");
      case MethodArgumentTypeMismatchException e ->
          Problem.invalid(e.getName(), "invalid_value", mismatch(e));
      case TypeMismatchException e ->
          Problem.invalid(
              e.getPropertyName() == null ? "parameter" : e.getPropertyName(),
              "invalid_value",
              "has a value of another kind");
      case ConversionFailedException e ->
          Problem.badRequest("invalid_value", "A parameter has a value of another kind.");
      case HttpRequestMethodNotSupportedException e ->
          Problem.of(
              405,
              "method_not_allowed",
              "This address does not know " + e.getMethod() + "; see the header Allow.");
      case HttpMediaTypeNotSupportedException e ->
          Problem.of(
              415, "unsupported_media_type", "Send the body as Content-Type: application/json.");
      case HttpMediaTypeNotAcceptableException e ->
          Problem.of(406, "not_acceptable", "Ask for application/json, or leave Accept out.");
      case NoResourceFoundException e -> noSuchAddress();
      case NoHandlerFoundException e -> noSuchAddress();
      case MaxUploadSizeExceededException e ->
          Problem.of(413, "body_too_large", "The upload is too large; send it in parts.");
      case ErrorResponse e when e.getStatusCode().is4xxClientError() ->
          Problem.of(
              e.getStatusCode().value(),
              code(e.getStatusCode().value()),
              "The request was refused: "
                  + code(e.getStatusCode().value()).replace('_', ' ')
                  + ".");
      default -> null;
    };
  }

  private static @Nullable Problem database(Throwable failure) {
    return switch (failure) {
      case OptimisticLockingFailureException e -> IfMatch.versionMismatch();
      case DuplicateKeyException e ->
          Problem.conflict("already_exists", "Something with this name or id exists already.");
      case DataAccessResourceFailureException e -> databaseAway();
      case TransientDataAccessException e -> databaseAway();
      case CannotCreateTransactionException e -> databaseAway();
      default -> null;
    };
  }

  private static Optional<Problem> sql(SQLException e) {
    String state = e.getSQLState();
    if (state == null || state.length() < 5) {
      return Optional.empty();
    }
    return switch (state.substring(0, 2)) {
      case "08", "53", "40" -> Optional.of(databaseAway());
      case "57" -> Optional.of(databaseAway());
      case "22" ->
          Optional.of(
              Problem.badRequest(
                  "invalid_value",
                  "A value can't be stored: out of range, not of the kind that is expected, or with"
                      + " a character that no text may hold (U+0000)."));
      case "3F" -> Optional.of(notReady());
      default -> state.equals("42P01") ? Optional.of(notReady()) : Optional.empty();
    };
  }

  static Problem databaseAway() {
    return Problem.unavailable(
        "database_unavailable", "The database does not answer just now. Send it again.", SOON);
  }

  private static Problem notReady() {
    return Problem.unavailable(
        "not_ready", "The service is still being set up. Send it again in a moment.", SOON);
  }

  private static Problem noSuchAddress() {
    return Problem.notFound("There is nothing at this address; see /api/v1/openapi.json.");
  }

  private static Problem json(JacksonException e) {
    return switch (e) {
      case StreamConstraintsException limit ->
          Problem.badRequest(
              "json_limit", "The JSON is beyond a limit" + place(limit) + ": " + limits() + ".");
      case StreamReadException read ->
          Problem.badRequest("malformed_json", "The body is no valid JSON" + place(read) + ".");
      default -> Problem.badRequest("malformed_json", "The body can't be read as JSON (UTF-8).");
    };
  }

  /** A single value of a body that doesn't fit. */
  static Problem.Fault fault(JacksonException e) {
    String path = e.getPath().isEmpty() ? "$" : JsonPaths.of(e.getPath());
    Class<?> wanted = e instanceof MismatchedInputException m ? m.getTargetType() : null;
    if (e instanceof InputCoercionException) {
      return new Problem.Fault(path, "out_of_range", "is a number beyond what fits here");
    }
    return wanted == null
        ? new Problem.Fault(path, "invalid_value", "has a value that does not fit here")
        : new Problem.Fault(path, "wrong_type", "must be " + BodyFaults.wanted(wanted));
  }

  private static String limits() {
    return "at most "
        + JsonBodyConverter.MAX_DEPTH
        + " levels deep, texts up to "
        + JsonBodyConverter.MAX_TEXT
        + " characters, numbers up to 100 digits, keys up to 1024 characters";
  }

  private static String place(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    String where =
        at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    String path = JsonPaths.of(e.getPath());
    return path.isEmpty() ? where : where + " at " + path;
  }

  private static String mismatch(MethodArgumentTypeMismatchException e) {
    Class<?> wanted = e.getRequiredType();
    return wanted == null ? "has a value of another kind" : "must be " + BodyFaults.wanted(wanted);
  }

  private static String code(int status) {
    HttpStatus known = HttpStatus.resolve(status);
    return known == null ? "refused" : known.name().toLowerCase(java.util.Locale.ROOT);
  }
}
