import Consensus

/// How many bytes of clients' writes the journal can still take without its spare segment.
///
/// The journal reports its room with each sync; what was handed over since is subtracted here,
/// so that a write is refused before it is proposed, not when it no longer fits.
struct RoomEstimate: Sendable {
  /// What a record takes besides a command: heads of record, entry and request, and padding.
  private static let recordHeadSize = 128

  private let reserveBytes: Int
  private var reportedBytes: Int
  /// What was handed to the journal and is not known to be durable.
  private var handedBytes = 0
  /// What was proposed since: a turn may take in many requests before it hands anything over.
  private var proposedBytes = 0
  private var isDiskFull = true
  private var marks: [(position: UInt64, bytes: Int)] = []

  init(roomBytes: Int, reserveBytes: Int) {
    reportedBytes = roomBytes
    self.reserveBytes = reserveBytes
  }

  /// What is on its way to the disk.
  var inFlightBytes: Int { handedBytes + proposedBytes }

  /// Whether a client's write may be proposed.
  var hasRoom: Bool { rest > reserveBytes }

  /// Whether the room that is missing will not come by itself.
  var isFull: Bool { isDiskFull && !hasRoom }

  /// The same for removals; whatever a leader lets in fits at its followers, who count half of it.
  var isFullForRemovals: Bool { isDiskFull && rest <= reserveBytes / 4 }

  /// Whether a follower has no room for what a leader let in.
  var isUsedUp: Bool { isDiskFull && rest <= reserveBytes / 8 }

  private var rest: Int { reportedBytes - inFlightBytes }

  /// A client's request with a command of so many bytes will go to the journal.
  mutating func propose(_ commandBytes: Int) {
    proposedBytes += commandBytes + Self.recordHeadSize
  }

  /// A turn is over: whatever was proposed in it is among its records, or was refused.
  mutating func forgetProposals() { proposedBytes = 0 }

  /// Records of so many bytes go to the journal, the last of them to this position.
  mutating func use(_ bytes: Int, through position: UInt64) {
    handedBytes += bytes
    marks.append((position, bytes))
  }

  /// The journal's own word, true as of everything up to `position`.
  mutating func report(_ bytes: Int, isDiskFull: Bool, through position: UInt64) {
    reportedBytes = bytes
    self.isDiskFull = isDiskFull
    let settled = marks.prefix { $0.position <= position }
    handedBytes -= settled.reduce(0) { $0 + $1.bytes }
    marks.removeFirst(settled.count)
    invariant(handedBytes >= 0, "no more is settled than was handed over")
  }
}
