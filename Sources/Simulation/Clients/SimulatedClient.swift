import ClientProtocol
import Consensus
import Replication
import Wire

/// A client with a session and several calls in flight: retries with the same sequence on any
/// node, gives up, asks for outcomes, closes and reopens its session.
struct SimulatedClient {
  /// What a client sends.
  struct Outgoing {
    let client: Int
    var node: Int
    let requestID: UInt64
    let purpose: ClientCall.Purpose
    let frame: [UInt8]
  }

  enum Session {
    case none
    case opening
    case open(UInt64)
    case closing
  }

  static let attemptTimeoutMicroseconds: UInt64 = 600_000
  static let deadlineMicroseconds: UInt64 = 5_000_000
  private static let hurriedWindow = 12

  let index: Int
  private let nodeCount: Int
  private let windowMax: Int
  /// The mean time between two operations.
  private let paceMicroseconds: UInt64
  var random: RandomSource
  var workload: ClientWorkload
  var session = Session.none
  var nextSequence: UInt64 = 1
  private var nextRequestID: UInt64 = 1
  var leader: Int
  var nextOperationAt: UInt64 = 0
  /// Counts the connections; an answer to an earlier one is lost.
  var connection = 0
  /// Until when it asks as much as it can.
  var hurriesUntil: UInt64 = 0
  /// Until when it does not wait long for an answer.
  var isHastyUntil: UInt64 = 0
  var calls: [ClientCall] = []
  /// The writes whose session had expired when they were asked for: it was told so.
  var orphans: [Int] = []
  /// Whether it goes on asking.
  var isActive = true
  /// Whether it waits long enough for every answer; otherwise it gives some up early and asks
  /// what became of them.
  var isPatient = false

  init(
    index: Int,
    nodeCount: Int,
    paceMicroseconds: UInt64,
    random: RandomSource
  ) {
    var random = random
    self.index = index
    self.nodeCount = nodeCount
    self.paceMicroseconds = paceMicroseconds
    windowMax = 1 + random.number(below: 6)
    leader = random.number(below: nodeCount)
    workload = ClientWorkload(client: index, random: random.fork())
    self.random = random
  }

  /// How many scans went on after a long pause.
  var stalledCount: Int { workload.stalledCount }

  /// Lets some scans wait for long between two pages.
  mutating func setScanStalls(percent: Int) { workload.stallPercent = percent }

  /// Lets it make and drop collections.
  mutating func makesCollections(by chance: RandomSource) { workload.extrasRandom = chance }

  /// Looks at the clock: retries, gives up, asks something new.
  mutating func wake(at now: UInt64, _ history: inout OperationHistory) -> [Outgoing] {
    var outgoing: [Outgoing] = []
    for place in calls.indices.reversed() where calls[place].nextAttemptAt <= now {
      if now >= calls[place].deadline {
        giveUp(calls.remove(at: place), at: now, &history)
      } else {
        outgoing.append(attempt(place, at: now))
      }
    }
    guard isActive || !calls.isEmpty else { return outgoing }
    while let place = startCall(at: now, &history) {
      outgoing.append(attempt(place, at: now))
    }
    return outgoing
  }

  /// A reply arrives.
  mutating func receive(
    _ reply: ReplicaReply,
    to requestID: UInt64,
    from node: Int,
    at now: UInt64,
    _ history: inout OperationHistory
  ) throws(Violation) {
    guard let place = calls.firstIndex(where: { $0.attempts.contains(requestID) }) else { return }
    calls[place].attempts.removeAll { $0 == requestID }
    if case .refused(let refusal) = reply {
      try refused(refusal, place, by: node, at: now, &history)
      return
    }
    let call = calls.remove(at: place)
    try finish(call, with: reply, from: node, at: now, &history)
  }

  /// The network delivers a request twice: nobody can say any more what a refusal means.
  mutating func requestWasDoubled(_ requestID: UInt64) {
    guard let place = calls.firstIndex(where: { $0.attempts.contains(requestID) }) else { return }
    calls[place].unknownAttempts += 1
  }

  // MARK: Asking

  /// Begins the next call, if there is one to begin.
  private mutating func startCall(at now: UInt64, _ history: inout OperationHistory) -> Int? {
    switch session {
    case .none:
      guard isActive else { return nil }
      session = .opening
      return add(.register, .openSession(nonce: random.next()), at: now)
    case .opening, .closing: return nil
    case .open(let id):
      let hurries = now < hurriesUntil
      guard isActive, calls.count < (hurries ? Self.hurriedWindow : windowMax),
        hurries || now >= nextOperationAt
      else { return nil }
      if !hurries { nextOperationAt = now + random.number(in: 0..<2 * paceMicroseconds) }
      if calls.isEmpty, random.oneIn(150) {
        session = .closing
        return add(.close, .closeSession(session: id), at: now)
      }
      return ask(workload.next(), in: id, at: now, &history)
    }
  }

  private mutating func ask(
    _ question: ClientOperation.Question,
    in session: UInt64,
    at now: UInt64,
    _ history: inout OperationHistory
  ) -> Int {
    switch question {
    case .command(let command):
      let sequence = nextSequence
      nextSequence += 1
      let key = RequestKey(kind: .write, session: session, sequence: sequence)
      let operation = history.begin(question, by: index, key: key)
      let write = WriteRequest(
        session: session,
        sequence: sequence,
        answeredThrough: answeredThrough(before: sequence, in: session),
        command: Bytes(command.encoded())
      )
      let purpose = ClientCall.Purpose.write(operation: operation, sequence: sequence)
      return add(purpose, in: session, .write(write), at: now)
    case .query(let query, let isLinearizable):
      let operation = history.begin(question, by: index)
      let level: ReadRequest.Consistency =
        isLinearizable ? .linearizable : .stale(lagMaxMilliseconds: staleness())
      let read = ReadRequest(
        level,
        atLeastRevision: isLinearizable ? 0 : workload.highestRevision,
        query: Query(query).encoded()
      )
      return add(.read(operation: operation), .read(read), at: now)
    case .nextPage(let first, let cursor):
      let operation = history.begin(question, by: index)
      let read = ReadRequest(
        .stale(lagMaxMilliseconds: 5_000),
        query: Query(.next(cursor: cursor)).encoded()
      )
      let place = add(.read(operation: operation), .read(read), at: now)
      calls[place].isBound = true
      calls[place].node = workload.node(ofPage: first)
      return place
    }
  }

  /// Two heartbeats at least, so that somebody may answer.
  private mutating func staleness() -> UInt32 { [100, 500, 500, 3_000][random.number(below: 4)] }

  /// All sequences up to this one are answered, or given up for good.
  private func answeredThrough(before sequence: UInt64, in session: UInt64) -> UInt64 {
    (calls.filter { $0.session == session }.compactMap(\.sequence).min() ?? sequence) - 1
  }

  mutating func add(
    _ purpose: ClientCall.Purpose,
    in session: UInt64 = 0,
    _ request: Request,
    at now: UInt64
  ) -> Int {
    let node = random.chance(percent: 70) ? leader : random.number(below: nodeCount)
    calls.append(
      ClientCall(
        purpose: purpose,
        session: session,
        request: request,
        node: node,
        nextAttemptAt: now,
        deadline: now + patience()
      )
    )
    return calls.count - 1
  }

  private mutating func patience() -> UInt64 {
    isPatient || !random.oneIn(5)
      ? Self.deadlineMicroseconds : random.number(in: 5_000..<Self.attemptTimeoutMicroseconds)
  }

  private mutating func attempt(_ place: Int, at now: UInt64) -> Outgoing {
    let id = nextRequestID
    nextRequestID += 1
    let node = calls[place].node
    calls[place].attempts.append(id)
    calls[place].nextAttemptAt = min(
      now + attemptTimeout(at: now),
      max(calls[place].deadline, now + 1)
    )
    // Without an answer the next attempt goes to somebody else.
    if !calls[place].isBound {
      calls[place].node =
        isPatient ? (node + 1) % nodeCount : random.number(below: nodeCount)
    }
    var writer = ByteWriter()
    calls[place].request.writeFrame(
      into: &writer,
      requestID: id,
      flags: random.chance(percent: 50) ? .mayForward : []
    )
    return Outgoing(
      client: index,
      node: node,
      requestID: id,
      purpose: calls[place].purpose,
      frame: writer.bytes
    )
  }

  /// Who is patient about the whole asks around the sooner: some nodes may be left broken.
  private mutating func attemptTimeout(at now: UInt64) -> UInt64 {
    if isPatient { return Self.attemptTimeoutMicroseconds / 2 }
    return now < isHastyUntil
      ? random.number(in: 20_000..<80_000) : Self.attemptTimeoutMicroseconds
  }
}
