import Consensus
import Wire

/// What this node's results came to, entry by entry: a chain that never meets another again.
///
/// Every entry of the last stretch can be compared with another node's, and before it the last
/// entry of each of 1,024 stretches.
struct ResultDigests: Sendable {
  /// Entries in a stretch.
  static let stretchSize: UInt64 = 1_024

  var chain = StateDigest()
  /// The newest entry that is folded in.
  var newest = DigestMark(index: .zero, digest: 0)
  /// The last stretch's digests, each in the place of its index's low bits.
  var recent = [UInt64](repeating: 0, count: Int(stretchSize))
  /// The newest ends of stretches.
  var stretches = StretchMarks()

  /// Nothing is known of results before the first.
  init() {}

  /// The results of a log that goes on from a state, as of an index.
  init(beginningAt index: LogIndex, machineDigest: UInt64) {
    chain.fold(machineDigest)
    newest = DigestMark(index: index, digest: chain.value)
    recent[Int(index.rawValue % Self.stretchSize)] = chain.value
  }

  /// Folds in what a client's request came to.
  mutating func fold(_ reply: ReplicaReply) {
    switch reply {
    case .applied(let index, let bytes):
      chain.fold(index.rawValue)
      chain.fold(bytes)
    case .registered(let session): chain.fold(session << 1)
    case .closed: chain.fold(1)
    case .refused(let refusal): chain.fold(refusal.encoded())
    case .outcome(let outcome): fold(outcome)
    case .answer, .objection, .transferred, .reconfigured:
      invariant(false, "an entry comes to none of these")
    }
  }

  /// An entry is done with: all that it changed goes into the chain.
  ///
  /// - Parameters:
  ///   - index: The entry's.
  ///   - machineDigest: What the machine's commands have changed so far.
  ///   - sessionsCount: Sessions may have expired by the entry's log time.
  mutating func close(_ index: LogIndex, machineDigest: UInt64, sessionsCount: Int) {
    invariant(index == newest.index.next, "every entry is folded in, in order")
    chain.fold(UInt64(sessionsCount))
    chain.fold(machineDigest)
    newest = DigestMark(index: index, digest: chain.value)
    recent[Int(index.rawValue % Self.stretchSize)] = chain.value
    if index.rawValue % Self.stretchSize == 0 { stretches.add(newest) }
  }

  /// The digest at an entry, if it is still known.
  func digest(at index: LogIndex) -> UInt64? {
    guard index > .zero, index <= newest.index else { return nil }
    if newest.index.rawValue - index.rawValue < Self.stretchSize {
      return recent[Int(index.rawValue % Self.stretchSize)]
    }
    return stretches.digest(at: index)
  }

  /// Marks to compare by: the newest ends of stretches, then ever finer up to the newest entry.
  ///
  /// Nodes that report at different moments then still have an entry in common.
  func marks(stretchesMax: Int) -> [DigestMark] {
    var marks = stretches.newest(stretchesMax)
    for grain in [128, 16, 1] as [UInt64] {
      let index = LogIndex(newest.index.rawValue / grain * grain)
      guard index > marks.last?.index ?? .zero, let digest = digest(at: index) else { continue }
      marks.append(DigestMark(index: index, digest: digest))
    }
    return marks
  }

  private mutating func fold(_ outcome: SealedOutcome) {
    switch outcome {
    case .committed(let index, let bytes):
      chain.fold(index.rawValue)
      chain.fold(bytes)
    case .neverCommitted: chain.fold(2)
    case .answeredBefore: chain.fold(3)
    case .sessionExpired: chain.fold(4)
    }
  }
}
