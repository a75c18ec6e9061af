import ClientProtocol
import Consensus
import PBFT
import Replication
import Wire

/// A client as a pure value: it signs, asks one and then all, asks again, and believes what f+1
/// replicas say alike.
struct ByzantineClient {
  private static let callsMax = 4
  private static let patienceMicroseconds: UInt64 = 150_000
  private static let sealAfterMicroseconds: UInt64 = 2_500_000
  /// About so often it begins something until it ends its session, if it waits for nothing.
  private static let operationsPerSession = 40

  /// A request that is not answered yet.
  struct Call {
    let request: ClientRequest
    /// The operation of the history that it is part of; nil for registrations.
    let operation: Int?
    let began: UInt64
    var askAgainAt: UInt64
    var attempts = 0
    /// Whether an attempt has been made to settle that it never happens.
    var isSealed = false
    /// What each replica has said.
    var heard: [(replica: Int, answer: OrderedAnswer)] = []
  }

  /// An answer that enough replicas gave.
  struct Believed {
    let client: Int
    let answer: OrderedAnswer
    /// Whether another replica said something else of the same place.
    let hadOpponent: Bool
  }

  let number: Int
  /// Whether it begins nothing new.
  var isEnding = false
  /// The highest view that it guesses from where answers come from.
  private(set) var viewHint: UInt64 = 0
  private let signer: any Signer
  private let authority: Authority
  private var random: RandomSource
  private var workload: ByzantineWorkload
  private var session: UInt64?
  private var nonce: UInt64 = 0
  private var nextSequence: UInt64 = 1
  private var nextRead: UInt64 = 1
  private var calls: [Call] = []
  /// What it asks replicas beside the order.
  var fastReads = FastReads()
  private var nextOperationAt: UInt64 = 0
  private var endingOperations = 2

  init(number: Int, signer: any Signer, authority: Authority, random: RandomSource) {
    var random = random
    self.number = number
    self.signer = signer
    self.authority = authority
    workload = ByzantineWorkload(client: number, random: random.fork())
    self.random = random
  }

  /// Whether it waits for nothing and wants nothing more.
  var isIdle: Bool {
    isEnding && calls.isEmpty && fastReads.waiting.isEmpty && endingOperations == 0
  }

  var standing: String {
    calls.map { "\($0.request.kind) \($0.request.sequence) asked \($0.attempts) times" }
      .joined(separator: ", ")
  }

  // MARK: Asking

  /// What it sends now: envelopes, and to whom; and questions, which `fastReads` keeps.
  mutating func wake(
    at now: UInt64,
    primary: Int,
    _ replicas: Int,
    _ history: inout ByzantineHistory
  ) -> [(to: Int, SignedEnvelope)] {
    var fresh: [Int] = []
    if session == nil {
      register(at: now, &fresh)
    } else if !calls.contains(where: { $0.request.kind == .close }) {
      orderSlowReads(at: now, replicas, &fresh)
      begin(at: now, &fresh, &history)
    }
    var sendings: [(Int, SignedEnvelope)] = []
    if !fresh.isEmpty {
      let envelope = sign(fresh.map { calls[$0].request })
      sendings.append((primary, envelope))
      if random.oneIn(8) { sendings += everybody(replicas, envelope) }
    }
    return sendings + askAgain(at: now, replicas)
  }

  private mutating func register(at now: UInt64, _ fresh: inout [Int]) {
    guard now >= nextOperationAt, !calls.contains(where: { $0.request.kind == .register }) else {
      return
    }
    nonce = random.next() >> 16
    add(ClientRequest(.register, session: nonce), nil, at: now, &fresh)
  }

  private mutating func begin(
    at now: UInt64,
    _ fresh: inout [Int],
    _ history: inout ByzantineHistory
  ) {
    guard let session, now >= nextOperationAt, isEnding ? endingOperations > 0 : true else {
      return
    }
    if isEnding { endingOperations -= 1 }
    if calls.isEmpty, !isEnding, random.oneIn(Self.operationsPerSession) {
      return add(ClientRequest(.close, session: session), nil, at: now, &fresh)
    }
    nextOperationAt = now + random.number(in: 5_000..<60_000)
    for _ in 0...random.number(below: 3) where calls.count < Self.callsMax {
      let question = workload.next()
      let operation = history.begin(question)
      switch question {
      case .write(let command):
        let request = ClientRequest(
          .write,
          session: session,
          sequence: nextSequence,
          answeredThrough: answeredThrough,
          command: Bytes(command.encoded())
        )
        nextSequence += 1
        add(request, operation, at: now, &fresh)
      case .read(let query) where random.oneIn(2):
        fastReads.begin(query.encoded(), operation, by: number, at: now)
      case .read(let query): read(query.encoded(), operation, in: session, at: now, &fresh)
      }
    }
  }

  private mutating func read(
    _ query: [UInt8],
    _ operation: Int,
    in session: UInt64,
    at now: UInt64,
    _ fresh: inout [Int]
  ) {
    let request = ClientRequest(
      .read,
      session: session,
      sequence: nextRead,
      command: Bytes(query)
    )
    nextRead += 1
    add(request, operation, at: now, &fresh)
  }

  /// What replicas did not say alike in time has its place in the order.
  private mutating func orderSlowReads(
    at now: UInt64,
    _ replicas: Int,
    _ fresh: inout [Int]
  ) {
    guard let session else { return }
    for late in fastReads.takeOverdue(at: now, of: replicas) {
      read(late.question.query, late.operation, in: session, at: now, &fresh)
    }
  }

  private mutating func add(
    _ request: ClientRequest,
    _ operation: Int?,
    at now: UInt64,
    _ fresh: inout [Int]
  ) {
    fresh.append(calls.count)
    calls.append(
      Call(
        request: request,
        operation: operation,
        began: now,
        askAgainAt: now + Self.patienceMicroseconds,
        attempts: 1
      )
    )
  }

  /// Every write below has its answer here.
  private var answeredThrough: UInt64 {
    let open = calls.filter { $0.request.kind == .write }.map(\.request.sequence).min()
    return (open ?? nextSequence) - 1
  }

  /// Asks all, in envelopes of other compositions than before.
  private mutating func askAgain(at now: UInt64, _ replicas: Int) -> [(Int, SignedEnvelope)] {
    var due: [ClientRequest] = []
    for place in calls.indices where calls[place].askAgainAt <= now {
      calls[place].attempts += 1
      let doublings = UInt64(1) << UInt64(min(calls[place].attempts, 4))
      calls[place].askAgainAt = now + Self.patienceMicroseconds * doublings
      due.append(calls[place].request)
      if let seal = seal(place, at: now) { due.append(seal) }
    }
    guard !due.isEmpty else { return [] }
    if due.count > 1, random.oneIn(3) {
      let first = sign(Array(due.prefix(1)))
      let rest = sign(Array(due.dropFirst()))
      return everybody(replicas, first) + everybody(replicas, rest)
    }
    return everybody(replicas, sign(due))
  }

  /// A write that waits for long is to be settled: committed, or never.
  private mutating func seal(_ place: Int, at now: UInt64) -> ClientRequest? {
    let call = calls[place]
    guard call.request.kind == .write, now >= call.began + Self.sealAfterMicroseconds,
      call.isSealed || random.oneIn(3)
    else { return nil }
    calls[place].isSealed = true
    return ClientRequest(
      .seal,
      session: call.request.session,
      sequence: call.request.sequence
    )
  }

  private func everybody(_ replicas: Int, _ envelope: SignedEnvelope) -> [(Int, SignedEnvelope)] {
    (0..<replicas).map { ($0, envelope) }
  }

  private func sign(_ requests: [ClientRequest]) -> SignedEnvelope {
    authority.sign(requests, by: signer)
  }

  // MARK: Answers

  /// A replica answers for itself; 2f+1 equal answers are believed.
  mutating func hear(
    _ answer: FastAnswer,
    from replica: Int,
    _ history: inout ByzantineHistory
  ) -> Bool {
    let believed = fastReads.hear(answer, from: replica, quorum: authority.quorum)
    guard let believed else { return false }
    history.end(believed.operation, .answer(index: .zero, bytes: believed.bytes))
    return true
  }

  /// A replica answers; f+1 equal answers are believed.
  mutating func hear(
    _ answer: OrderedAnswer,
    from replica: Int,
    at now: UInt64,
    _ history: inout ByzantineHistory
  ) -> Believed? {
    guard let place = calls.firstIndex(where: { Self.isAbout($0.request.key, answer.key) })
    else { return nil }
    let isKnown = calls[place].heard.contains { $0.replica == replica && $0.answer == answer }
    guard !isKnown, calls[place].heard.count < 64 else { return nil }
    calls[place].heard.append((replica, answer))
    let alike = calls[place].heard.count { $0.answer == answer }
    guard alike >= authority.faultsMax + 1 else { return nil }
    let hadOpponent = calls[place].heard.contains {
      $0.answer != answer && $0.answer.key == answer.key && $0.answer.index == answer.index
    }
    viewHint = UInt64(replica)
    let call = calls.remove(at: place)
    end(call, answer, &history)
    // Whoever comes back after a while may find that others have taken all the room.
    if call.request.kind == .close { nextOperationAt = now + random.number(in: 0..<1_000_000) }
    if !isEnding, random.oneIn(3) { readBack(call, at: now, &history) }
    return Believed(client: number, answer: answer, hadOpponent: hadOpponent)
  }

  /// Asks at once for what it has written: some replicas do not know of it yet.
  private mutating func readBack(
    _ call: Call,
    at now: UInt64,
    _ history: inout ByzantineHistory
  ) {
    guard call.request.kind == .write,
      let command = try? Command(decoding: call.request.command.array),
      let query = ByzantineWorkload.query(after: command)
    else { return }
    let operation = history.begin(.read(query))
    fastReads.begin(query.encoded(), operation, by: number, at: now)
  }

  /// A seal settles its write as the write's own answer does.
  private static func isAbout(_ asked: RequestKey, _ answered: RequestKey) -> Bool {
    asked == answered
      || asked.kind == .write && answered.kind == .seal && asked.session == answered.session
        && asked.sequence == answered.sequence
  }

  private mutating func end(
    _ call: Call,
    _ answer: OrderedAnswer,
    _ history: inout ByzantineHistory
  ) {
    if case .registered(let id) = answer.reply {
      session = id
      nextSequence = 1
      nextRead = 1
    }
    if call.request.kind == .close, call.request.session == session { session = nil }
    if answer.reply == .refused(.sessionExpired) || answer.reply == .outcome(.sessionExpired),
      call.request.session == session
    {
      session = nil
    }
    guard let operation = call.operation else { return }
    history.end(operation, answer.reply)
  }
}
