import Consensus

/// Reads on their way: first to be confirmed by the core, then to be reached by the state.
struct PendingReads: Sendable {
  /// A read and who asked.
  struct Read: Sendable {
    var query: [UInt8]
    var token: ReplyToken
    /// The state must include this index, whatever the core says.
    var atLeast: LogIndex
    /// Monotonic microseconds at which nobody waits any longer.
    var deadline: UInt64
    /// How long ago the leader may have been heard when the answer leaves; nil if the core
    /// confirms the read.
    var lagMaxMicroseconds: UInt64?
  }

  /// Its keys are counted here: no client chooses them.
  private var unconfirmed = FlatTable<ReadID, Read>(seed: 0)
  /// Of these only the state is not known to have come far enough.
  private var confirmed: [Read] = []
  /// What this turn is to answer, as long as it can be the last.
  private var batch: ArraySlice<Read> = []
  /// What was too much for a turn.
  private var rest = FairQueue<UInt64, Read>()
  private var nextID: UInt64 = 1
  private var nextSweep: UInt64 = 0

  var count: Int { unconfirmed.count + confirmed.count + batch.count + rest.count }
  /// Whether the state has come far enough for more than this turn answers.
  var isBehind: Bool { !rest.isEmpty }

  /// Names a read that the core is to confirm.
  mutating func add(_ read: Read) -> ReadID {
    let id = ReadID(nextID)
    nextID += 1
    let isNew = unconfirmed.insert(read, for: id)
    invariant(isNew, "a read's name is new")
    return id
  }

  /// Lets a read wait for the state alone.
  mutating func addConfirmed(_ read: Read) {
    confirmed.append(read)
  }

  /// The core has confirmed a read at an index.
  mutating func confirm(_ readable: Readable) {
    guard var read = unconfirmed.remove(readable.id) else { return }
    read.atLeast = max(read.atLeast, readable.index)
    confirmed.append(read)
  }

  /// The core will not confirm a read.
  mutating func refuse(_ id: ReadID) -> ReplyToken? {
    unconfirmed.remove(id)?.token
  }

  /// Begins to answer what a state that includes `applied` may answer.
  mutating func beginAnswering(at applied: LogIndex) {
    guard !confirmed.isEmpty else { return }
    var answerable: [Read] = []
    if confirmed.allSatisfy({ $0.atLeast <= applied }) {
      swap(&answerable, &confirmed)
    } else {
      answerable = confirmed.filter { $0.atLeast <= applied }
      confirmed.removeAll { $0.atLeast <= applied }
    }
    batch = answerable[...]
    if isBehind { endAnswering() }
  }

  /// Takes the next of them.
  mutating func next() -> Read? { isBehind ? rest.popFirst() : batch.popFirst() }

  /// What is left waits for the next turn, where everybody who asks has a share.
  mutating func endAnswering() {
    for read in batch { rest.append(read, of: read.token.asker) }
    batch = []
  }

  /// Forgets reads that nobody waits for and that only wait for the state.
  mutating func abandon(_ tokens: Set<ReplyToken>) {
    _ = takeConfirmed { tokens.contains($0.token) }
  }

  /// Ends every wait.
  mutating func takeAll() -> [ReplyToken] {
    let ids = unconfirmed.keys { _ in true }.sorted { $0.rawValue < $1.rawValue }
    return ids.compactMap { unconfirmed.remove($0)?.token } + takeConfirmed { _ in true }
  }

  /// Those whose deadline has passed, in order of token; looked at every 10 ms.
  mutating func takeOverdue(at now: UInt64) -> [ReplyToken] {
    guard now >= nextSweep, count > 0 else { return [] }
    nextSweep = now + 10_000
    let late = unconfirmed.keys { $0.deadline <= now }.sorted { $0.rawValue < $1.rawValue }
    return late.compactMap { unconfirmed.remove($0)?.token } + takeConfirmed { $0.deadline <= now }
  }

  private mutating func takeConfirmed(where isMeant: (Read) -> Bool) -> [ReplyToken] {
    let waiting = confirmed.filter(isMeant)
    confirmed.removeAll(where: isMeant)
    return (rest.takeAll(where: isMeant) + waiting).map(\.token)
  }
}

extension ReadID: FlatTableKey {
  var words: (UInt64, UInt64) { (rawValue, 0) }
}
