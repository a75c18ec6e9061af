import ClientProtocol
import Consensus
import Linearizability
import LockstepClient
import Wire

/// Pairs of increments, sent twice and in the wrong order, until both are answered.
///
/// Each client counts a number of its own, so that its sums must be those of its own writes, each
/// applied once. What was answered before is sent again, too: the answer must be the same.
struct SessionsWorkload: Workload {
  static let name = "sessions"
  static let summary = "raw frames: each write sent twice or more, in any order, applied once"
  static let judge = WorkloadJudge.machine(SessionMachine(), name: "sessions")
  /// So long a node may take before another one is asked, in milliseconds.
  private static let patience = 400
  private static let latenessMilliseconds: Range<UInt64> = 300..<2_500

  private let seat: ClientSeat
  private var line = SessionLine()
  private var place = 0
  private var random: RandomSource
  private var session: UInt64 = 0
  private var nonce: UInt64 = 0
  private var sequence: UInt64 = 0
  /// Each session counts under a key of its own: what is left open by one confuses no other.
  private var sessionsCount = 0

  init(_ seat: ClientSeat) {
    self.seat = seat
    random = RandomSource(seed: UInt64(seat.number) + 1)
  }

  mutating func next(in round: Int, _ random: inout RandomSource) -> WorkloadCall {
    let key = "s\(seat.number)-\(sessionsCount)"
    let amounts = (0..<2).map { _ in HistoryValue.integer(Int64(random.number(in: 1..<10_000))) }
    return WorkloadCall("pair", key, .list(amounts))
  }

  mutating func carryOut(
    _ call: WorkloadCall,
    on store: Client
  ) async throws(LockstepError) -> CallEnding {
    guard case .list(let amounts) = call.value else {
      return .ok(HistoryValue(stored: try await store.kv.get(Key(call.key ?? ""))?.value))
    }
    guard await hasSession() else { return .fail("no-session") }
    let (ending, isAnswered) = await send(amounts, to: call.key ?? "")
    if !isAnswered { leaveSession() }
    return ending
  }

  /// Nobody knows where that session stands: the next one counts elsewhere.
  mutating func leaveSession() {
    session = 0
    sessionsCount += 1
  }

  static func lastCalls(rounds: Int) -> [WorkloadCall] { [] }

  /// The sum of every session that this client had.
  func ownLastCalls() -> [WorkloadCall] {
    (0...sessionsCount).map { WorkloadCall(reading: "get", "s\(seat.number)-\($0)") }
  }

  // MARK: - One pair

  private mutating func send(
    _ amounts: [HistoryValue],
    to key: String
  ) async -> (ending: CallEnding, isAnswered: Bool) {
    let first = sequence + 1
    sequence += UInt64(amounts.count)
    var pair = SessionPair(amounts.compactMap { Self.increment($0, of: key) }, from: first)
    let end = ContinuousClock.now + .milliseconds(seat.timeoutMilliseconds)
    while ContinuousClock.now < end {
      reconnectIfNeeded()
      for write in pair.volley(in: session, &random) { line.send(write) }
      await listen { pair.take($0) }
      if pair.isAnswered {
        await sendAgain(&pair)
        return (.ok(pair.result), true)
      }
      if let problem = pair.problem { return (pair.ending(problem), false) }
    }
    return (pair.ending("deadline_exceeded"), false)
  }

  /// Late duplicates: their answers must be the ones that were given before.
  ///
  /// Now and then so late that nodes may have started again, from a snapshot.
  private mutating func sendAgain(_ pair: inout SessionPair) async {
    let isVeryLate = random.oneIn(4)
    if isVeryLate {
      let pause = random.number(in: Self.latenessMilliseconds)
      try? await Task.sleep(for: .milliseconds(pause))
      line.close()
    }
    let answersCount = pair.answersCount
    let end = ContinuousClock.now + .milliseconds(seat.timeoutMilliseconds)
    repeat {
      reconnectIfNeeded()
      for write in pair.volley(in: session, &random) { line.send(write) }
      await listen { pair.take($0) }
    } while isVeryLate && pair.answersCount == answersCount && ContinuousClock.now < end
  }

  private static func increment(_ amount: HistoryValue, of key: String) -> [UInt8]? {
    guard case .integer(let amount) = amount else { return nil }
    let place = Place(database: defaultDatabase, collection: keyValueCollection)
    let operation = Command.Operation.kvIncrement(key: Array(key.utf8), by: amount)
    var writer = ByteWriter()
    writer.write(Command(place: place, operation: operation))
    return writer.finish()
  }

  private mutating func hasSession() async -> Bool {
    if session != 0 { return true }
    sequence = 0
    nonce = random.next()
    let end = ContinuousClock.now + .milliseconds(seat.timeoutMilliseconds)
    while ContinuousClock.now < end {
      reconnectIfNeeded()
      line.openSession(nonce: nonce)
      var found: UInt64 = 0
      await listen { answer in
        if case .session(let id) = answer.reply.body { found = id }
        return found != 0
      }
      session = found
      if found != 0 { return true }
    }
    return false
  }

  private mutating func reconnectIfNeeded() {
    // Now and then another node is asked for no reason at all.
    if line.isOpen, !random.chance(percent: 3) { return }
    place = (place + 1) % seat.addresses.count
    line.open(seat.addresses[place])
  }

  /// Takes answers until somebody has enough, or the node's time is over.
  private mutating func listen(_ take: (SessionLine.Answer) -> Bool) async {
    let end = ContinuousClock.now + .milliseconds(Self.patience)
    while ContinuousClock.now < end, line.isOpen {
      for answer in line.answers() {
        if case .error(let refused) = answer.reply.body, refused.code.isAboutLeaders {
          line.close()
        }
        if take(answer) { return }
      }
      try? await Task.sleep(for: .milliseconds(2))
    }
    // Whoever says nothing for so long is left.
    line.close()
    try? await Task.sleep(for: .milliseconds(20))
  }
}

extension ErrorCode {
  /// Whether another node has to be asked.
  fileprivate var isAboutLeaders: Bool {
    [.notLeader, .noLeader, .leadershipLost, .transferInProgress].contains(self)
  }
}
