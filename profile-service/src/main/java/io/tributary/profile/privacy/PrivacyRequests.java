package io.tributary.profile.privacy;

import io.tributary.event.Ids;
import io.tributary.event.ProfileChange.ProfileErased;
import io.tributary.event.ProfileId;
import io.tributary.event.Topics;
import io.tributary.profile.merge.Home;
import io.tributary.profile.merge.ProfileKey;
import io.tributary.profile.privacy.PrivacyRequest.Kind;
import io.tributary.profile.privacy.PrivacyRequest.State;
import io.tributary.profile.store.PrivacyStore;
import io.tributary.profile.store.PrivacyStore.Row;
import io.tributary.profile.store.ProfileStore;
import io.tributary.profile.store.RestoreStore;
import io.tributary.stream.ChangeLog;
import io.tributary.stream.ChangeLog.Change;
import io.tributary.stream.PositionToken;
import io.tributary.stream.Relay;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Takes privacy requests. What protects the person is committed before the answer: a block that
 * every send checks under the same lock, and at an erasure the end of the profile itself. What
 * takes longer is left to the {@link PrivacyWorker}.
 */
public final class PrivacyRequests {
  private static final int ATTEMPTS = 10;

  private final DataSource dataSource;
  private final ProfileStore profiles;
  private final PrivacyStore store;
  private final ChangeLog changes;
  private final Relay relay;
  private final PrivacyLog log;
  private final RestoreStore restores;
  private final Clock clock;

  /** Writes to this database and tells others through the logs. */
  public PrivacyRequests(
      DataSource dataSource,
      PrivacyStore store,
      ChangeLog changes,
      Relay relay,
      PrivacyLog log,
      Clock clock) {
    this.dataSource = dataSource;
    this.profiles = new ProfileStore();
    this.store = store;
    this.changes = changes;
    this.relay = relay;
    this.log = log;
    this.restores = new RestoreStore();
    this.clock = clock;
  }

  /**
   * Accepts a request about the person that a profile is part of.
   *
   * @return empty when there's no such person (any more)
   */
  public Optional<PrivacyRequest> accept(
      String workspaceId, Kind kind, ProfileId profile, String tokenId) throws SQLException {
    Order order =
        new Order(
            workspaceId,
            kind,
            List.of(profile),
            tokenId,
            Ids.create("prq"),
            clock.instant().truncatedTo(ChronoUnit.MICROS));
    PositionToken accepted = kind == Kind.EXPORT ? null : log.accepted();
    return settled(
        "profile " + profile,
        connection -> {
          Attempt result = attempt(connection, order);
          PrivacyRequest request = result.request();
          if (result.settled() && request != null && accepted != null) {
            // The last act before the commit: if Kafka doesn't take it, nothing has happened.
            log.append(entry(order, request, result, accepted));
          }
          return result;
        });
  }

  private static PrivacyLog.Entry entry(
      Order order, PrivacyRequest request, Attempt result, PositionToken accepted) {
    return new PrivacyLog.Entry(
        order.workspaceId(),
        order.requestId(),
        order.kind(),
        request.profileId(),
        result.homes(),
        order.requestId(),
        result.names(),
        order.tokenId(),
        order.at(),
        accepted);
  }

  /**
   * Carries out a request again that the restored database doesn't know, for whoever the person is
   * now. Where nobody is left, it's done.
   */
  void again(RestoreStore.Row row) throws SQLException {
    Optional<PrivacyRequest> _ =
        settled(
            "request " + row.requestId(),
            connection -> {
              Order order =
                  new Order(
                      row.workspaceId(),
                      Kind.parse(row.kind()),
                      restores.holders(connection, row),
                      row.tokenId(),
                      row.requestId(),
                      row.at());
              Attempt result = attempt(connection, order);
              if (result.settled()) {
                if (result.request() == null) {
                  store.insert(connection, nothingLeft(row), List.of(), row.tokenId());
                }
                restores.done(connection, row, clock.instant());
              }
              return result;
            });
  }

  private Row nothingLeft(RestoreStore.Row row) {
    return new Row(
        row.workspaceId(),
        row.requestId(),
        row.kind(),
        row.profileId(),
        State.DONE.wire(),
        row.at(),
        clock.instant());
  }

  /** One try in a transaction. */
  private interface Try {
    Attempt once(Connection connection) throws SQLException;
  }

  private Optional<PrivacyRequest> settled(String whom, Try trying) throws SQLException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        Attempt result = once(connection, trying);
        if (result.settled()) {
          connection.commit();
          relay.wake();
          return Optional.ofNullable(result.request());
        }
        connection.rollback();
      } catch (SQLException e) {
        if (!"40001".equals(e.getSQLState()) && !"40P01".equals(e.getSQLState())) {
          throw e;
        }
      }
    }
    throw new SQLException(whom + " is being merged without end", "40001");
  }

  private static Attempt once(Connection connection, Try trying) throws SQLException {
    try {
      return trying.once(connection);
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    }
  }

  /**
   * What is to be done for whom.
   *
   * @param profiles of one person, as far as it's known
   */
  private record Order(
      String workspaceId,
      Kind kind,
      List<ProfileId> profiles,
      String tokenId,
      String requestId,
      Instant at) {}

  private record Attempt(
      boolean settled,
      @Nullable PrivacyRequest request,
      List<ProfileId> homes,
      List<String> names) {
    static final Attempt NOBODY = new Attempt(true, null, List.of(), List.of());
    static final Attempt AGAIN = new Attempt(false, null, List.of(), List.of());
  }

  private Attempt attempt(Connection connection, Order order) throws SQLException {
    String workspaceId = order.workspaceId();
    Kind kind = order.kind();
    SortedSet<ProfileId> roots = new TreeSet<>();
    List<ProfileKey> keys = new ArrayList<>();
    for (ProfileId profile : order.profiles()) {
      Optional<ProfileId> root = store.root(connection, workspaceId, profile);
      if (root.isPresent()) {
        roots.add(root.get());
        keys.add(new ProfileKey(workspaceId, profile));
      }
    }
    if (roots.isEmpty()) {
      return Attempt.NOBODY;
    }
    for (ProfileId root : roots) {
      store.lockPerson(connection, workspaceId, root);
    }
    List<Home> family = profiles.lock(connection, keys);
    if (family.stream().anyMatch(Home::erased)) {
      return Attempt.NOBODY;
    }
    if (family.stream().anyMatch(home -> !roots.contains(home.canonicalId()))) {
      // Merged in between: the lock is on somebody else.
      return Attempt.AGAIN;
    }
    Instant now = order.at();
    boolean done = kind == Kind.SUPPRESS || kind == Kind.UNSUPPRESS;
    PrivacyRequest request =
        new PrivacyRequest(
            workspaceId,
            order.requestId(),
            kind,
            roots.first(),
            done ? State.DONE : State.PENDING,
            now,
            done ? now : null);
    List<ProfileId> homes = family.stream().map(home -> home.key().id()).toList();
    List<String> names =
        kind == Kind.EXPORT
            ? List.of()
            : store.names(connection, workspaceId, homes, order.requestId());
    store.insert(connection, row(request), homes, order.tokenId());
    switch (kind) {
      case SUPPRESS -> store.block(connection, workspaceId, homes, "suppressed", request.id(), now);
      case UNSUPPRESS -> store.unblock(connection, workspaceId, homes);
      case EXPORT -> {}
      case ERASE -> erase(connection, request, homes, now);
    }
    return new Attempt(true, request, homes, names);
  }

  /** From here on nothing can be linked to these profiles or stored in them. */
  private void erase(
      Connection connection, PrivacyRequest request, List<ProfileId> homes, Instant now)
      throws SQLException {
    store.block(connection, request.workspaceId(), homes, "erased", request.id(), now);
    store.wipe(connection, request.workspaceId(), homes, now);
    List<Change> erased =
        homes.stream()
            .map(home ->
                new Change(
                    request.workspaceId(),
                    Topics.PROFILE_CHANGES,
                    home.toString(),
                    id ->
                        new ProfileErased(request.workspaceId(), home, request.id(), now).encode()))
            .toList();
    changes.append(connection, 0, erased);
  }

  private static Row row(PrivacyRequest request) {
    return new Row(
        request.workspaceId(),
        request.id(),
        request.kind().wire(),
        request.profileId(),
        request.state().wire(),
        request.at(),
        request.finishedAt());
  }

  /** One request. */
  public Optional<PrivacyRequest> find(String workspaceId, String id) {
    return store.find(workspaceId, id).map(PrivacyRequests::request);
  }

  /** Requests, the latest first. */
  public List<PrivacyRequest> list(String workspaceId, @Nullable String before, int limit) {
    return store.list(workspaceId, before, limit).stream().map(PrivacyRequests::request).toList();
  }

  private static PrivacyRequest request(Row row) {
    return new PrivacyRequest(
        row.workspaceId(),
        row.id(),
        Kind.parse(row.kind()),
        row.profileId(),
        State.parse(row.state()),
        row.at(),
        row.finishedAt());
  }
}
