import Wire
import Consensus

@testable import Raft

extension Member {
  /// Node `number` with the data directory that every fixture gives it.
  static func node(_ number: Int) -> Member {
    Member(id: NodeID(UInt32(number)), incarnation: Incarnation(UInt64(number) * 11))
  }
}

extension ClusterConfiguration {
  static func fixture(of count: Int) -> ClusterConfiguration {
    ClusterConfiguration(
      seats: (1...count).map { number in
        Seat(member: .node(number), clientAddress: "h:\(number)", peerAddress: "p:\(number)")
      }
    )
  }
}

extension ClusterConfiguration.Seat {
  static func fixture(_ number: Int) -> Self {
    Self(member: .node(number), clientAddress: "h:\(number)", peerAddress: "p:\(number)")
  }
}

extension ClusterConfiguration.Learner {
  static func fixture(
    _ number: Int,
    promotesItself: Bool = true,
    replaces replaced: Int? = nil
  ) -> Self {
    Self(
      seat: .fixture(number),
      promotesItself: promotesItself,
      replaces: replaced.map { NodeID(UInt32($0)) }
    )
  }
}

extension Reading {
  static func milliseconds(_ count: UInt64) -> Reading {
    Reading(monotonicMicroseconds: count * 1_000, wallMilliseconds: 1_700_000_000_000 + count)
  }
}

extension LogEntry {
  static func fixture(term: UInt64, _ text: String = "x") -> LogEntry {
    LogEntry(
      .request(.fixture(text)),
      term: Term(term),
      logTimeMicroseconds: 5,
      wallMilliseconds: 6
    )
  }

  static func configuration(_ configuration: ClusterConfiguration, term: UInt64 = 1) -> LogEntry {
    LogEntry(
      .configuration(configuration),
      term: Term(term),
      logTimeMicroseconds: 5,
      wallMilliseconds: 6
    )
  }

  /// The command of a request, as text; the kind of everything else.
  var text: String {
    switch payload {
    case .request(let request), .signed(let request, _):
      String(decoding: request.command.array, as: UTF8.self)
    case .noOp: "noop"
    case .configuration: "config"
    }
  }
}

extension ClientRequest {
  static func fixture(_ text: String, sequence: UInt64 = 1) -> ClientRequest {
    ClientRequest(.write, session: 9, sequence: sequence, command: Bytes(Array(text.utf8)))
  }
}

extension SnapshotMark {
  /// The snapshot at an index of a log whose only configuration is its first entry.
  static func fixture(_ index: UInt64, _ term: UInt64, of count: Int = 3) -> SnapshotMark {
    SnapshotMark(
      index: LogIndex(index),
      term: Term(term),
      logTimeMicroseconds: 5,
      configuration: .fixture(of: count),
      configurationIndex: LogIndex(1)
    )
  }
}

extension RaftOptions {
  /// What ships, among members whose disks are never wiped or put back.
  static let trusting = {
    var options = RaftOptions()
    options.admission = .trusting
    return options
  }()

  /// Keeps that many entries behind a snapshot.
  static func trailing(_ count: Int) -> RaftOptions {
    var options = RaftOptions.trusting
    options.trailingEntriesMax = count
    return options
  }
}

extension LogMark {
  init(_ index: UInt64, _ term: UInt64) {
    self.init(index: LogIndex(index), term: Term(term))
  }
}

typealias RaftEffects = Effects<RaftMessage, RaftRecord>

extension RaftCore {
  /// A node that starts from a journal with the configuration (index 1, term 0), term and vote,
  /// and an entry of each of `log`'s terms (from index 2 on).
  static func fixture(
    _ number: Int = 1,
    of count: Int = 3,
    term: UInt64 = 0,
    votedFor: Int? = nil,
    log terms: [UInt64] = []
  ) -> RaftCore {
    var records = RaftCore.initialRecords(for: .fixture(of: count))
    let current = max(term, terms.last ?? 0)
    if current > 0 {
      records.append(.hardState(term: Term(current), votedFor: votedFor.map(Member.node)))
    }
    for (place, term) in terms.enumerated() {
      records.append(.entry(LogIndex(UInt64(place + 2)), .fixture(term: term)))
    }
    return recovered(number, records)
  }

  static func recovered(
    _ number: Int,
    _ records: [RaftRecord],
    options: RaftOptions = .trusting,
    start: (boot: UInt64, seed: UInt64)? = nil,
    now: Reading = .milliseconds(1_000)
  ) -> RaftCore {
    recovered(number, Past(numbered(records)), options: options, start: start, now: now)
  }

  static func recovered(
    _ number: Int,
    _ past: Past<RaftRecord>,
    options: RaftOptions,
    start: (boot: UInt64, seed: UInt64)?,
    now: Reading
  ) -> RaftCore {
    RaftCore(
      identity: Identity(
        cluster: ClusterID(high: 1, low: 2),
        member: .node(number),
        boot: start?.boot ?? 1
      ),
      options: options,
      recovering: past,
      seed: start?.seed ?? UInt64(number),
      now: now
    )
  }

  static func numbered(_ records: [RaftRecord]) -> [Recovered<RaftRecord>] {
    records.enumerated().map { place, record in
      Recovered(position: UInt64(place + 1), record: record)
    }
  }

  /// A node that starts from a snapshot and what its journal still holds.
  static func restored(
    _ number: Int,
    _ records: [RaftRecord],
    after snapshot: SnapshotMark?,
    options: RaftOptions = .trusting,
    now: Reading = .milliseconds(1_000)
  ) -> RaftCore {
    RaftCore(
      identity: Identity(cluster: ClusterID(high: 1, low: 2), member: .node(number), boot: 2),
      options: options,
      recovering: Past(numbered(records), after: snapshot),
      seed: UInt64(number),
      now: now
    )
  }

  /// A follower of node 2 in `term` whose log is that of `fixture`, committed up to its end.
  static func settledFollower(
    term: UInt64 = 1,
    log: [UInt64],
    options: RaftOptions = .trusting
  ) -> RaftCore {
    var records = RaftCore.initialRecords(for: .fixture(of: 3))
    records.append(.hardState(term: Term(term), votedFor: nil))
    for (place, term) in log.enumerated() {
      records.append(.entry(LogIndex(UInt64(place + 2)), .fixture(term: term)))
    }
    var core = recovered(1, records, options: options)
    let last = LogMark(UInt64(log.count + 1), log.last ?? 0)
    core.receive(
      .appendEntries(
        .init(term: Term(term), previous: last, commitIndex: last.index, entries: [])
      ),
      from: .node(2)
    )
    core.sync()
    return core
  }

  /// A leader of `term` + 1 whose peers have answered everything, no-op included.
  static func leader(of count: Int = 3, term: UInt64 = 0, log: [UInt64] = []) -> RaftCore {
    var core = fixture(1, of: count, term: term, log: log)
    core.fireElectionTimer()
    let next = core.currentTerm.next
    for peer in 2..<(2 + count / 2) {
      core.receive(.preVoteAnswer(term: next, isGranted: true), from: .node(peer))
    }
    core.sync()
    for peer in 2..<(2 + count / 2) {
      core.receive(.voteAnswer(term: next, isGranted: true), from: .node(peer))
    }
    core.sync()
    for peer in 2..<(count + 1) { core.acknowledge(from: peer) }
    core.sync()
    return core
  }

  /// A leader of term 1 sends a configuration behind the first entry.
  mutating func store(_ configuration: ClusterConfiguration) {
    receive(
      .appendEntries(
        .init(
          term: Term(1),
          previous: LogMark(1, 0),
          commitIndex: .zero,
          entries: [.configuration(configuration)]
        )
      ),
      from: .node(1)
    )
    pass(milliseconds: 10)
    sync()
  }

  /// Everything written so far becomes durable.
  /// - Returns: The effects taken before.
  @discardableResult
  mutating func sync() -> RaftEffects {
    let effects = takeEffects()
    recordsAreDurable(through: lastPosition)
    return effects
  }

  /// A peer holds the whole log.
  mutating func acknowledge(from peer: Int) {
    receive(
      .appendAccepted(term: currentTerm, matchIndex: lastIndex, hasRoom: true),
      from: .node(peer)
    )
  }

  /// The journal has room for everything, or for nothing.
  mutating func journalHasRoom(_ hasRoom: Bool) {
    journalHasRoom(hasRoom, forRemovals: hasRoom)
  }

  /// Time passes in steps that are never late.
  mutating func pass(milliseconds: UInt64) {
    for _ in 0..<milliseconds / 10 {
      tick(now.later(milliseconds: 10))
    }
  }

  /// The election timer runs out now.
  mutating func fireElectionTimer() {
    electionDeadline = microseconds
    tick(now)
  }

  var terms: [UInt64] {
    (logBase.index.rawValue + 1..<(lastIndex.rawValue + 1)).compactMap {
      entry(at: LogIndex($0))?.term.rawValue
    }
  }
}

extension Reading {
  func later(milliseconds: UInt64) -> Reading {
    Reading(
      monotonicMicroseconds: monotonicMicroseconds + milliseconds * 1_000,
      wallMilliseconds: wallMilliseconds + milliseconds
    )
  }
}

extension Effects where Message == RaftMessage {
  /// What leaves at once for a node.
  func messages(to number: Int) -> [RaftMessage] {
    messages.filter { $0.recipient == .node(number) }.map(\.message)
  }

  /// The indexes acknowledged, in order.
  var acceptedIndexes: [LogIndex] {
    messagesAfterSync.compactMap { envelope in
      if case .appendAccepted(_, let index, _) = envelope.message { index } else { nil }
    }
  }

  /// Where the logs may meet, by the rejections.
  var rejectionHints: [LogMark] {
    messages.compactMap { envelope in
      if case .appendRejected(_, _, let hint) = envelope.message { hint } else { nil }
    }
  }

  /// What leaves for a node once the records are durable.
  func promises(to number: Int) -> [RaftMessage] {
    messagesAfterSync.filter { $0.recipient == .node(number) }.map(\.message)
  }
}
