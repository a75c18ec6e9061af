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
  private var confirmed: [Read] = []
  private var nextID: UInt64 = 1
  private var nextSweep: UInt64 = 0

  var count: Int { unconfirmed.count + confirmed.count }

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

  /// The reads that a state including `applied` may answer.
  mutating func takeAnswerable(at applied: LogIndex) -> [Read] {
    guard !confirmed.isEmpty else { return [] }
    if confirmed.allSatisfy({ $0.atLeast <= applied }) {
      defer { confirmed.removeAll(keepingCapacity: true) }
      return confirmed
    }
    let answerable = confirmed.filter { $0.atLeast <= applied }
    confirmed.removeAll { $0.atLeast <= applied }
    return answerable
  }

  /// Lets reads that were too much for this turn come first in the next one.
  mutating func putBack(_ reads: ArraySlice<Read>) {
    confirmed.insert(contentsOf: reads, at: 0)
  }

  /// Forgets reads that nobody waits for and that only wait for the state.
  mutating func abandon(_ tokens: Set<ReplyToken>) {
    confirmed.removeAll { tokens.contains($0.token) }
  }

  /// Ends every wait; those who waited, in the order in which they came to stand here.
  mutating func takeAll() -> [ReplyToken] {
    let ids = unconfirmed.keys { _ in true }.sorted { $0.rawValue < $1.rawValue }
    let tokens = ids.compactMap { unconfirmed.remove($0)?.token } + confirmed.map(\.token)
    confirmed.removeAll()
    return tokens
  }

  /// Those whose deadline has passed, in order of token; looked at every 10 ms.
  mutating func takeOverdue(at now: UInt64) -> [ReplyToken] {
    guard now >= nextSweep, count > 0 else { return [] }
    nextSweep = now + 10_000
    let late = unconfirmed.keys { $0.deadline <= now }.sorted { $0.rawValue < $1.rawValue }
    let lateConfirmed = confirmed.filter { $0.deadline <= now }.map(\.token)
    confirmed.removeAll { $0.deadline <= now }
    return late.compactMap { unconfirmed.remove($0)?.token } + lateConfirmed
  }
}

extension ReadID: FlatTableKey {
  var words: (UInt64, UInt64) { (rawValue, 0) }
}
