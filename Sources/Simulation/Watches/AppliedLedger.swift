import Consensus
import Wire

/// What took effect, in the one order of the log, as the first node to apply it did it; every
/// other node, and every node after a crash, must do the same.
struct AppliedLedger {
  /// A command that took effect.
  struct Effect {
    let place: LogPlace
    let request: ClientRequest
    let reply: [UInt8]

    var index: LogIndex { place.index }
  }

  private static let digestInterval = 64

  /// The digest of all effects up to and including each, and after how many steps of the log.
  private var digests: [UInt64] = []
  private(set) var effects: [Effect] = []
  /// Where each sequence of each session took effect; looked up only.
  private var indexByKey: [RequestKey: LogIndex] = [:]
  /// Full digests of documents and sessions by index; looked up only.
  private var stateDigests: [LogIndex: UInt64] = [:]
  /// What all results through an index came to; looked up only.
  private var resultDigests: [LogIndex: UInt64] = [:]
  private var newestDigestIndex = LogIndex.zero

  /// A node's place in the list of effects.
  struct Cursor {
    fileprivate(set) var count = 0
    /// How many of them the node itself has applied since its start.
    fileprivate(set) var appliedCount = 0
    fileprivate var digest = StateDigest()
  }

  /// A node has applied a command that came from a committed entry (S7, R4); the cursor says how
  /// far this node has come since its start.
  mutating func applied(
    _ application: ObservedStore.Application,
    from entry: Committed,
    _ cursor: inout Cursor
  ) throws(Violation) {
    guard case .request(let request) = entry.payload, request.command == application.command
    else {
      throw .safety("S7", "entry \(entry.index) took effect with another command")
    }
    cursor.digest.fold(application.index.rawValue)
    cursor.digest.fold(UInt64(CRC32C.checksum(application.reply)))
    if cursor.count < digests.count {
      guard digests[cursor.count] == cursor.digest.value else {
        throw .safety("S7", "the effect at \(application.index) differs between nodes or runs")
      }
    } else {
      try appendEffect(application, request, place(of: entry))
      digests.append(cursor.digest.value)
    }
    cursor.count += 1
    cursor.appliedCount += 1
  }

  /// A node's place when its state includes everything up to an index by a snapshot.
  func cursor(at index: LogIndex, after cursor: Cursor) -> Cursor {
    var moved = cursor
    moved.count = effectsCount(through: index)
    moved.digest =
      moved.count > 0 ? StateDigest(continuing: digests[moved.count - 1]) : StateDigest()
    return moved
  }

  /// Compares a node's whole state with that of others at the same index (W7).
  mutating func compare(_ digest: UInt64, at index: LogIndex) throws(Violation) {
    guard let known = stateDigests[index] else {
      stateDigests[index] = digest
      newestDigestIndex = max(newestDigestIndex, index)
      return
    }
    guard known == digest else {
      throw .safety("W7", "the states of two nodes differ at \(index)")
    }
  }

  /// Compares what a node's results came to with those of others through the same index: what
  /// nodes tell each other to find out whether their states are equal (W7).
  mutating func compareResults(_ digest: UInt64, at index: LogIndex) throws(Violation) {
    guard let known = resultDigests.updateValue(digest, forKey: index) else { return }
    guard known == digest else {
      throw .safety("W7", "the results of two nodes differ through \(index)")
    }
  }

  /// Whether a whole state is worth looking at: another node's is known at this index, or none
  /// has been for a while.
  func wantsDigest(at index: LogIndex) -> Bool {
    stateDigests[index] != nil || index >= newestDigestIndex + Self.digestInterval
  }

  /// Where a sequence of a session took effect, if it did.
  func index(of key: RequestKey) -> LogIndex? { indexByKey[key] }

  /// What took effect at an index.
  func effect(at index: LogIndex) -> Effect? {
    let count = effectsCount(through: index)
    return count > 0 && effects[count - 1].index == index ? effects[count - 1] : nil
  }

  private func effectsCount(through index: LogIndex) -> Int {
    var low = 0
    var high = effects.count
    while low < high {
      let middle = (low + high) / 2
      if effects[middle].index <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func place(of entry: Committed) -> LogPlace {
    LogPlace(
      index: entry.index,
      logTimeMicroseconds: entry.logTimeMicroseconds,
      wallMilliseconds: entry.wallMilliseconds
    )
  }

  private mutating func appendEffect(
    _ application: ObservedStore.Application,
    _ request: ClientRequest,
    _ place: LogPlace
  ) throws(Violation) {
    if let earlier = indexByKey[request.key] {
      throw .safety(
        "R4",
        "sequence \(request.sequence) of session \(request.session) took effect at \(earlier) "
          + "and again at \(application.index)"
      )
    }
    indexByKey[request.key] = application.index
    effects.append(
      Effect(place: place, request: request, reply: application.reply)
    )
  }
}
