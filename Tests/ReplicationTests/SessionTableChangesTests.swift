import Consensus
import Wire
import XCTest

@testable import Replication

/// Sessions as a table of the state: what has changed since a checkpoint is all that has.
final class SessionTableChangesTests: XCTestCase {
  func test_changes_whenSessionsAreUsedAndEnd_leadFromTableToTable() throws {
    for seed in 1...10 as ClosedRange<UInt64> {
      var random = RandomSource(seed: seed)
      var (sessions, now) = (ClientSessions(), UInt64(1))
      sessions.configure(configuration)
      var entries = self.entries(of: sessions)
      for round in 1...20 as ClosedRange<UInt64> {
        let base = StateBase(index: .zero, logTimeMicroseconds: now, sessions: sessions)
        for step in 0..<UInt64(random.number(below: 15)) {
          now += UInt64(random.number(below: 40))
          use(&sessions, &random, index: round * 100 + step, now)
        }

        for change in sessions.changes(since: base) { apply(change, to: &entries) }

        XCTAssertEqual(entries, self.entries(of: sessions), "seed \(seed), round \(round)")
      }
    }
  }

  func test_table_whenReadBack_isTheSameSessions() throws {
    var random = RandomSource(seed: 3)
    var sessions = ClientSessions()
    sessions.configure(configuration)
    for index in 1...40 as ClosedRange<UInt64> { use(&sessions, &random, index: index, index) }
    var table = sessions.stateTable
    table.entries.reverse()

    let read = try ClientSessions(table, configuration: configuration)

    XCTAssertEqual(read.stateTable, sessions.stateTable)
    XCTAssertGreaterThan(read.count, 3)
  }

  func test_table_whenItIsNone_isRefused() throws {
    var sessions = ClientSessions()
    sessions.configure(configuration)
    _ = sessions.register(nonce: 1, as: 5, at: 1)
    _ = sessions.register(nonce: 2, as: 6, at: 1)
    let table = sessions.stateTable
    let changes: [(inout StateTable) -> Void] = [
      { $0.entries[0].key = [1] },
      { $0.entries[0].stamp = 1 },
      { $0.entries[0].key = $0.entries[1].key },
      { $0.entries[0].value = $0.entries[1].value },
      { $0.entries[0].value = [] },
    ]

    for (number, change) in changes.enumerated() {
      var broken = table
      change(&broken)
      XCTAssertThrowsError(
        try ClientSessions(broken, configuration: configuration),
        "change \(number)"
      )
    }
  }

  // MARK: Helpers

  private func apply(_ change: StateChange, to entries: inout [Bytes: StateEntry]) {
    switch change {
    case .put(let entry, []): entries[entry.key] = entry
    case .remove(let key, []): entries[key] = nil
    case .put, .remove, .makeTable, .dropTable: XCTFail("a session is no table")
    }
  }

  private var configuration: ClusterConfiguration {
    var configuration = ClusterConfiguration(seats: [])
    configuration.sessionTimeoutMicroseconds = 300
    return configuration
  }

  private func entries(of sessions: ClientSessions) -> [Bytes: StateEntry] {
    Dictionary(uniqueKeysWithValues: sessions.stateTable.entries.map { ($0.key, $0) })
  }

  /// Something that an entry may do to sessions.
  private func use(
    _ sessions: inout ClientSessions,
    _ random: inout RandomSource,
    index: UInt64,
    _ now: UInt64
  ) {
    sessions.expire(at: now)
    let ids = sessions.ids
    let session = ids.isEmpty ? 1 : ids[random.number(below: ids.count)]
    let sequence = UInt64(random.number(below: 9)) + 1
    let write = ClientRequest(
      .write,
      session: session,
      sequence: sequence,
      answeredThrough: UInt64(random.number(below: 3))
    )
    switch random.number(below: 8) {
    case 0: sessions.close(session)
    case 1, 2: _ = sessions.register(nonce: UInt64(random.number(below: 9)), as: index, at: now)
    case 3: _ = sessions.seal(ClientRequest(.seal, session: session, sequence: sequence), at: now)
    default:
      guard sessions.admit(write, at: now) == .apply else { return }
      sessions.retain([1, 2, 3], of: write, at: LogIndex(index))
    }
  }
}
